// Streams, events and the order between them.
//
// A copy is queued and made as late as a GPU might make it: when the host waits for it, directly or
// through events. Whoever looks at its result too early finds the old bytes, and a source in pinned
// memory that was overwritten too early is noticed. Each stream has a vector clock; an operation that
// touches the target of an unfinished copy of another stream, with nothing that orders the two, is a race.
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { bool used; int device, priority; Clock clock; uint64_t merged; } Stream;
typedef struct { bool recorded; int stream; uint64_t asked_at; Clock clock; } Event;

static const uintptr_t FIRST_HANDLE = 0x10000; // handles of streams are 16 apart, none of them a real pointer
static const uint64_t EVENTS_MAY_LAG = 200;    // operations after which a query finds an event ended

static Stream streams[MAX_STREAMS]; // the first MAX_DEVICES are the devices' default streams
static Clock host;
static uint64_t host_version = 1, operations;
static Operation *queue, **queue_end = &queue;

static void merge(Clock *into, const Clock *from) {
  for (int i = 0; i < MAX_STREAMS; i++) {
    if (into->at[i] < from->at[i]) {
      into->at[i] = from->at[i];
    }
  }
}

int stream_index(void *handle) {
  uintptr_t value = (uintptr_t)handle;
  if (value <= 2) { // the default streams' handles
    return current_device;
  }
  size_t index = (value - FIRST_HANDLE) / 16;
  if (value < FIRST_HANDLE || index >= MAX_STREAMS || !streams[index].used) {
    violation("%p is not a stream", handle);
    return -1;
  }
  return (int)index;
}

int stream_device(int stream) { return stream < MAX_DEVICES ? stream : streams[stream].device; }

uint64_t next_position(int stream) {
  Stream *s = &streams[stream];
  if (s->merged != host_version) { // what the host knows to have ended has ended before what it asks for now
    merge(&s->clock, &host);
    s->merged = host_version;
  }
  operations++;
  return ++s->clock.at[stream];
}

static uint64_t sum(const char *bytes, size_t count) { // FNV-1a over words, then bytes
  uint64_t hash = 14695981039346656037ull;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    hash = (hash ^ word) * 1099511628211ull;
  }
  for (; count > 0; bytes++, count--) {
    hash = (hash ^ (unsigned char)*bytes) * 1099511628211ull;
  }
  return hash;
}

static void move_bytes(Operation *operation) {
  if (operation->done) {
    return;
  }
  operation->done = true;
  if (!operation->from) {
    memset(bytes_at(operation->to), operation->value, operation->bytes);
    return;
  }
  if (is_device(operation->from) && !is_device(operation->to) && operation->unknown) {
    memset(operation->to, 0, operation->bytes);
    return;
  }
  const char *source = operation->owns_source ? operation->from : bytes_at(operation->from);
  if (operation->source_sum && sum(source, operation->bytes) != operation->source_sum) {
    violation("pinned memory was overwritten before the copy of %zu bytes from it on stream %d had ended",
        operation->bytes, operation->stream);
  }
  memmove(bytes_at(operation->to), source, operation->bytes);
}

void move_all_bytes(void) {
  for (Operation *operation = queue; operation; operation = operation->next) {
    move_bytes(operation);
  }
}

// Ends what the host knows to have ended. The queue is in the order of the calls, in which nothing comes
// before what it waits for.
static void settle(void) {
  for (Operation **link = &queue; *link;) {
    Operation *operation = *link;
    if (operation->position > host.at[operation->stream]) {
      link = &operation->next;
      continue;
    }
    move_bytes(operation);
    *link = operation->next;
    if (operation->owns_source) {
      free((char *)(uintptr_t)operation->from);
    }
    free(operation);
  }
  queue_end = &queue;
  while (*queue_end) {
    queue_end = &(*queue_end)->next;
  }
}

static void host_learns(const Clock *clock) {
  merge(&host, clock);
  host_version++;
  settle();
}

void host_joins(int stream) {
  next_position(stream);
  host_learns(&streams[stream].clock);
}

void host_joins_all(void) {
  for (int i = 0; i < MAX_STREAMS; i++) {
    if (i < settings.devices || streams[i].used) {
      host_joins(i);
    }
  }
}

static bool ended_before(const Operation *operation, const Clock *clock) {
  return operation->position <= clock->at[operation->stream];
}

static bool overlap(const char *a, size_t a_bytes, const char *b, size_t b_bytes) {
  return a < b + b_bytes && b < a + a_bytes;
}

static void look_for_races(const Operation *new) { // which has just taken its place in its stream
  for (const Operation *old = queue; old; old = old->next) {
    if (old->stream == new->stream || ended_before(old, &streams[new->stream].clock)) {
      continue;
    }
    bool both_write = overlap(old->to, old->bytes, new->to, new->bytes);
    bool reads_written = new->from && !new->owns_source && overlap(old->to, old->bytes, new->from, new->bytes);
    bool writes_read = old->from && !old->owns_source && overlap(old->from, old->bytes, new->to, new->bytes);
    if (both_write || reads_written || writes_read) {
      violation("race: a copy of %zu bytes on stream %d %s what a copy of %zu bytes on stream %d %s; nothing orders them",
          new->bytes, new->stream, both_write || writes_read ? "overwrites" : "reads", old->bytes, old->stream,
          writes_read ? "still reads" : "still writes");
    }
  }
}

void enqueue(int stream, void *to, const void *from, size_t bytes, int value, bool source_may_change) {
  Operation *operation = calloc(1, sizeof *operation);
  if (!operation) {
    abort();
  }
  operation->stream = stream;
  operation->position = next_position(stream);
  operation->to = to;
  operation->from = from;
  operation->bytes = bytes;
  operation->value = value;
  if (from && !is_device(from) && source_may_change) {
    char *copy = malloc(bytes ? bytes : 1);
    if (!copy) {
      abort();
    }
    operation->from = memcpy(copy, from, bytes);
    operation->owns_source = true;
  } else if (from && !is_device(from)) {
    operation->source_sum = sum(from, bytes);
  }
  operation->unknown = is_device(from) && !is_known(from);
  if (is_device(to)) {
    write_over(to, bytes);
  }
  look_for_races(operation);
  if (from && !is_device(to)) {
    memset(to, 0xA5, bytes); // a host that reads too early does not read the right numbers by chance
  }
  *queue_end = operation;
  queue_end = &operation->next;
}

static bool is_unordered(const Operation *operation, int stream) {
  return operation->stream != stream && is_device(operation->to) &&
      !ended_before(operation, &streams[stream].clock) && !ended_before(operation, &host);
}

bool any_unordered_write(int stream) {
  for (const Operation *operation = queue; operation; operation = operation->next) {
    if (is_unordered(operation, stream)) {
      return true;
    }
  }
  return false;
}

Operation *unordered_write(int stream, const void *pointer) {
  for (Operation *operation = queue; operation; operation = operation->next) {
    if (!operation->raced && is_unordered(operation, stream) && overlap(operation->to, operation->bytes, pointer, 1)) {
      return operation;
    }
  }
  return NULL;
}

// -- streams

static Error create(void **handle, int priority) {
  pthread_mutex_lock(&lock);
  Error error = OUT_OF_MEMORY;
  for (int i = MAX_DEVICES; i < MAX_STREAMS && error; i++) {
    if (!streams[i].used) {
      streams[i].used = true;
      streams[i].device = current_device;
      streams[i].priority = priority;
      *handle = (void *)(FIRST_HANDLE + 16 * (uintptr_t)i);
      error = SUCCESS;
    }
  }
  pthread_mutex_unlock(&lock);
  return error ? failed(error) : SUCCESS;
}

EXPORT Error cudaStreamCreateWithPriority(void **stream, unsigned flags, int priority) {
  (void)flags;
  return create(stream, priority);
}

EXPORT Error cudaStreamCreateWithFlags(void **stream, unsigned flags) {
  (void)flags;
  return create(stream, 0);
}

EXPORT Error cudaStreamDestroy(void *stream) {
  pthread_mutex_lock(&lock);
  int index = stream_index(stream);
  if (index >= MAX_DEVICES) {
    host_joins(index);
    streams[index].used = false; // its clock goes on, so that a later stream of this index is not before it
  }
  pthread_mutex_unlock(&lock);
  return index < 0 ? failed(INVALID_HANDLE) : SUCCESS;
}

EXPORT Error cudaStreamGetPriority(void *stream, int *priority) {
  pthread_mutex_lock(&lock);
  int index = stream_index(stream);
  *priority = index < 0 ? 0 : streams[index].priority;
  pthread_mutex_unlock(&lock);
  return index < 0 ? failed(INVALID_HANDLE) : SUCCESS;
}

EXPORT Error cudaStreamSynchronize(void *stream) {
  pthread_mutex_lock(&lock);
  int index = stream_index(stream);
  if (index >= 0) {
    record(HOST_WAIT, index, 0, "stream");
    host_joins(index);
  }
  pthread_mutex_unlock(&lock);
  return index < 0 ? failed(INVALID_HANDLE) : SUCCESS;
}

EXPORT Error cudaDeviceSynchronize(void) {
  pthread_mutex_lock(&lock);
  record(HOST_WAIT, current_device, 0, "device");
  for (int i = 0; i < MAX_STREAMS; i++) {
    if (stream_device(i) == current_device && (i < MAX_DEVICES || streams[i].used)) {
      host_joins(i);
    }
  }
  pthread_mutex_unlock(&lock);
  return SUCCESS;
}

EXPORT Error cudaStreamQuery(void *stream) {
  pthread_mutex_lock(&lock);
  int index = stream_index(stream);
  bool ended = index >= 0 && streams[index].clock.at[index] <= host.at[index];
  pthread_mutex_unlock(&lock);
  return index < 0 ? failed(INVALID_HANDLE) : ended ? SUCCESS : failed(NOT_READY);
}

// -- events

EXPORT Error cudaEventCreateWithFlags(void **event, unsigned flags) {
  (void)flags;
  *event = calloc(1, sizeof(Event));
  return *event ? SUCCESS : failed(OUT_OF_MEMORY);
}

EXPORT Error cudaEventCreate(void **event) { return cudaEventCreateWithFlags(event, 0); }

EXPORT Error cudaEventDestroy(void *event) {
  free(event);
  return SUCCESS;
}

EXPORT Error cudaEventRecord(void *handle, void *stream) {
  pthread_mutex_lock(&lock);
  Event *event = handle;
  int index = stream_index(stream);
  if (index >= 0) {
    next_position(index);
    *event = (Event){true, index, operations, streams[index].clock};
  }
  pthread_mutex_unlock(&lock);
  return index < 0 ? failed(INVALID_HANDLE) : SUCCESS;
}

EXPORT Error cudaEventRecordWithFlags(void *event, void *stream, unsigned flags) {
  (void)flags;
  return cudaEventRecord(event, stream);
}

EXPORT Error cudaStreamWaitEvent(void *stream, void *handle, unsigned flags) {
  (void)flags;
  pthread_mutex_lock(&lock);
  const Event *event = handle;
  int index = stream_index(stream);
  if (index >= 0) {
    record(STREAM_WAIT, index, 0, "event of stream %d", event->recorded ? event->stream : -1);
    if (event->recorded) {
      merge(&streams[index].clock, &event->clock);
    }
  }
  pthread_mutex_unlock(&lock);
  return index < 0 ? failed(INVALID_HANDLE) : SUCCESS;
}

EXPORT Error cudaEventSynchronize(void *handle) {
  pthread_mutex_lock(&lock);
  const Event *event = handle;
  record(HOST_WAIT, event->stream, 0, "event");
  host_learns(&event->clock);
  pthread_mutex_unlock(&lock);
  return SUCCESS;
}

EXPORT Error cudaEventQuery(void *handle) {
  pthread_mutex_lock(&lock);
  const Event *event = handle;
  bool known = !event->recorded || event->clock.at[event->stream] <= host.at[event->stream];
  if (!known && operations - event->asked_at > EVENTS_MAY_LAG) {
    host_learns(&event->clock);
    known = true;
  }
  pthread_mutex_unlock(&lock);
  return known ? SUCCESS : failed(NOT_READY);
}

EXPORT Error cudaEventElapsedTime(float *milliseconds, void *start, void *end) {
  (void)start;
  (void)end;
  *milliseconds = 0;
  return SUCCESS;
}
