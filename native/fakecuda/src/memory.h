// Memory of the devices, for the library's start and for tests.
#ifndef FAKECUDA_MEMORY_H
#define FAKECUDA_MEMORY_H

#include <stddef.h>

void start_memory(void);
void limit_memory(int device, size_t bytes);
size_t used_memory(int device);

#endif
