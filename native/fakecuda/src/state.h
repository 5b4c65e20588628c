// What the parts of the fake runtime share. Everything here is guarded by one lock, which the entry
// points of the runtime take; functions declared here expect that it is held, unless they say otherwise.
#ifndef FAKECUDA_STATE_H
#define FAKECUDA_STATE_H

#include "abi.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

enum { MAX_DEVICES = 8, MAX_STREAMS = 512 };

extern pthread_mutex_t lock;
extern _Thread_local int current_device;
extern _Thread_local Error last_error;

// Remembers the error for cudaGetLastError.
Error failed(Error error);

// The settings of the environment, read once when the library is loaded.
typedef struct {
  int devices;           // FAKE_CUDA_DEVICES
  int capability;        // FAKE_CUDA_CC, 86 for 8.6
  int driver;            // FAKE_CUDA_DRIVER, 13030 for 13.3
  size_t memory;         // FAKE_CUDA_MEM_MIB, of each device
  size_t skipped_copy;   // FAKE_CUDA_SKIP_COPY_MIB: copies to a device from this size on move no bytes
} Settings;
extern Settings settings;

// What a call fails with on a machine whose driver is too old or that has no GPU; 0 on a sound one.
Error driver_error(void);

// -- record.c: what happened, for tests

typedef enum { KERNEL, COPY, FILL, HOST_WAIT, STREAM_WAIT, ALLOCATION, RELEASE, LIBRARY_CALL } Kind;

// Counts an event and, while a trace is taken, keeps it. `what` is formatted as printf does.
void record(Kind kind, int stream, size_t bytes, const char *format, ...) __attribute__((format(printf, 4, 5)));

// Notes a use of the runtime that would be an error or a race on a GPU.
void violation(const char *format, ...) __attribute__((format(printf, 1, 2)));

// -- memory.c: blocks of device memory and pinned memory

bool is_device(const void *pointer);
int device_of(const void *device_pointer);
bool is_pinned(const void *pointer);
// The host address where the bytes of device memory lie; other pointers as they are.
char *bytes_at(const void *pointer);
// Whether [pointer, pointer + bytes) lies in one block that is allocated, with a violation if not.
bool inside_block(const void *pointer, size_t bytes, const char *what);

// Kernels do not run, so what was given to one is unknown from then on, until a copy or fill writes it.
void give(const void *device_pointer);
void write_over(const void *device_pointer, size_t bytes);
bool is_known(const void *device_pointer);

// -- order.c: streams, events, and what is known to have happened before what

typedef struct { uint64_t at[MAX_STREAMS]; } Clock;

typedef struct Operation {
  struct Operation *next;
  int stream;
  uint64_t position; // in its stream
  char *to;
  const char *from;  // NULL for a fill
  bool owns_source;  // the source was pageable: its bytes were taken when the copy was asked for
  uint64_t source_sum;
  size_t bytes;
  int value;
  bool unknown;      // the source is what a kernel would have computed: a host that reads it gets zeros
  bool raced;        // a kernel that uses its target too early was found already
  bool done;         // its bytes are moved, though the host does not know that it has ended
} Operation;

// The index of a stream handle; -1, with a violation, if there is no such stream.
int stream_index(void *handle);
// The device of a stream by its index.
int stream_device(int stream);
// Takes the next place in a stream.
uint64_t next_position(int stream);
// Queues a copy or fill, after a look at which unfinished ones of other streams it would race with.
void enqueue(int stream, void *to, const void *from, size_t bytes, int value, bool source_may_change);
// Ends all work of a stream, as a host that waits for it does.
void host_joins(int stream);
// Ends all work of all devices.
void host_joins_all(void);
// Moves the bytes of everything that is queued, without letting the host know.
void move_all_bytes(void);
// The unfinished operation of another stream that writes where `pointer` points and that nothing orders
// before the next operation of `stream`; NULL if there is none that was not found before.
Operation *unordered_write(int stream, const void *pointer);
// Whether there is any such operation at all.
bool any_unordered_write(int stream);

#endif
