// Counters that are always on, a trace of all events on request, and the list of violations.
#include "state.h"

#include "record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const KINDS[] = {"kernel", "copy", "fill", "host wait", "stream wait", "allocation", "release", "library"};

long counts[KIND_COUNT];
static bool tracing;
static char **trace;
static size_t trace_length, trace_capacity;
static char *violations[MAX_VIOLATIONS];
static int violation_count;

void record(Kind kind, int stream, size_t bytes, const char *format, ...) {
  counts[kind]++;
  if (!tracing) {
    return;
  }
  char what[512], *line = NULL;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  if (asprintf(&line, "%s\t%s\t%zu\t%d\t%ld", KINDS[kind], what, bytes, stream, syscall(SYS_gettid)) < 0) {
    abort();
  }
  if (trace_length == trace_capacity) {
    trace_capacity = trace_capacity ? 2 * trace_capacity : 1024;
    trace = realloc(trace, trace_capacity * sizeof *trace);
    if (!trace) {
      abort();
    }
  }
  trace[trace_length++] = line;
}

void start_trace(void) {
  for (size_t i = 0; i < trace_length; i++) {
    free(trace[i]);
  }
  trace_length = 0;
  tracing = true;
}

size_t stop_trace(char ***lines) {
  tracing = false;
  *lines = trace;
  return trace_length;
}

void violation(const char *format, ...) {
  char *message = NULL;
  va_list arguments;
  va_start(arguments, format);
  int length = vasprintf(&message, format, arguments);
  va_end(arguments);
  if (length < 0) {
    abort();
  }
  fprintf(stderr, "fake cuda: %s\n", message);
  if (violation_count < MAX_VIOLATIONS) {
    violations[violation_count++] = message;
  } else {
    free(message);
  }
}

int take_violations(char **taken) {
  int count = violation_count;
  memcpy(taken, violations, (size_t)count * sizeof *taken);
  violation_count = 0;
  return count;
}

// For the stand-ins of other libraries: counts the call of a function that does nothing.
EXPORT int fake_cuda_called(const char *function) {
  pthread_mutex_lock(&lock);
  record(LIBRARY_CALL, 0, 0, "%s", function);
  pthread_mutex_unlock(&lock);
  return SUCCESS;
}

// For functions of the runtime that libtorch can do without here: graphs and memory shared with other processes.
EXPORT int fake_cuda_unsupported(const char *function) {
  pthread_mutex_lock(&lock);
  violation("%s is not part of the fake runtime", function);
  pthread_mutex_unlock(&lock);
  return failed(NOT_SUPPORTED);
}
