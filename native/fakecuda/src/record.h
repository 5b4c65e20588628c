// What tests read of the record; jni.c hands it to Java.
#ifndef FAKECUDA_RECORD_H
#define FAKECUDA_RECORD_H

#include <stddef.h>

enum { KIND_COUNT = 8, MAX_VIOLATIONS = 256 };

extern long counts[KIND_COUNT];

void start_trace(void);
// Ends the trace; the lines stay the record's until the next one.
size_t stop_trace(char ***lines);
// Moves the messages to the caller, who frees them; at most MAX_VIOLATIONS.
int take_violations(char **taken);

#endif
