#include "lavis4j/memory.h"

#include <malloc.h>

#include <cstdlib>
#include <cstring>

namespace {

constexpr int kMiB = 1 << 20;

// glibc's greatest; larger blocks go back to the kernel when they are freed.
constexpr int kKept = 32 * kMiB;

// The heap grows by as much, and its end is given back only when more than a GiB is free there.
constexpr int kGrowth = 64 * kMiB;
constexpr int kFreeAtTheEnd = 1024 * kMiB;

bool IsSet(const char* name) { return std::getenv(name) != nullptr; }

bool IsTuned(const char* name) {
  const char* tunables = std::getenv("GLIBC_TUNABLES");
  return tunables != nullptr && std::strstr(tunables, name) != nullptr;
}

bool EnvironmentDecides() {
  return IsSet("MALLOC_MMAP_THRESHOLD_") || IsSet("MALLOC_TRIM_THRESHOLD_") ||
         IsSet("MALLOC_TOP_PAD_") || IsTuned("glibc.malloc.mmap") ||
         IsTuned("glibc.malloc.trim_threshold") || IsTuned("glibc.malloc.top_pad");
}

}  // namespace

extern "C" {

int32_t lavis4j_memory_keep(void) {
  if (EnvironmentDecides()) {
    return 0;
  }
  const bool accepted = mallopt(M_MMAP_THRESHOLD, kKept) != 0 &&
                        mallopt(M_TRIM_THRESHOLD, kFreeAtTheEnd) != 0 &&
                        mallopt(M_TOP_PAD, kGrowth) != 0;
  return accepted ? 1 : -1;
}

}  // extern "C"
