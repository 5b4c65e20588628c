#include "lavis4j/memory.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <new>

#include "linkage.h"
#include "region.h"

namespace {

constexpr int kMiB = 1 << 20;

// glibc's greatest; larger blocks go back to the kernel when they are freed.
constexpr int kKept = 32 * kMiB;

// The heap grows by as much, and its end is given back only when more than a GiB is free there.
constexpr int kGrowth = 64 * kMiB;
constexpr int kFreeAtTheEnd = 1024 * kMiB;

// Smaller blocks are many and take little; glibc has lists of them for each thread.
constexpr size_t kPacked = 256 << 10;
constexpr size_t kAligned = 64;

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

// Of this process until its end, as libraries free memory until then.
lavis4j::Region* packed = nullptr;

int TakeAligned(void** out, size_t alignment, size_t bytes) {
  if (alignment == kAligned && bytes >= kPacked && bytes <= kKept) {
    void* block = packed->Take(bytes);
    if (block != nullptr) {
      *out = block;
      return 0;
    }
  }
  return posix_memalign(out, alignment, bytes);
}

void Free(void* block) {
  if (packed->Has(block)) {
    packed->Give(block);
  } else {
    std::free(block);
  }
}

size_t PhysicalMemory() {
  return static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// What /proc/self/pagemap says of a page, a word each (Linux's admin-guide/mm/pagemap.rst).
constexpr uint64_t kPresent = uint64_t{1} << 63;
constexpr uint64_t kOfAFile = uint64_t{1} << 61;  // not once it was written, if the mapping is private

using Words = std::array<uint64_t, 4096>;

bool IsUnwritten(uint64_t word) { return (word & kPresent) != 0 && (word & kOfAFile) != 0; }

// Gives back those of the pages from `first` on that the words are of.
int64_t GiveBack(size_t first, const Words& words, size_t count, size_t page) {
  int64_t bytes = 0;
  for (size_t i = 0; i < count;) {
    size_t end = i;
    while (end < count && IsUnwritten(words[end])) {
      ++end;
    }
    const size_t length = (end - i) * page;
    if (length > 0 &&
        madvise(reinterpret_cast<void*>((first + i) * page), length, MADV_DONTNEED) == 0) {
      bytes += static_cast<int64_t>(length);
    }
    i = end + 1;
  }
  return bytes;
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

int32_t lavis4j_memory_pack(const char* library) {
  if (EnvironmentDecides() || !lavis4j::IsOfC("posix_memalign") || !lavis4j::IsOfC("free")) {
    return 0;
  }
  if (packed != nullptr) {
    return -1;
  }
  auto* region = new (std::nothrow) lavis4j::Region(PhysicalMemory());
  if (region == nullptr || !region->IsReserved()) {
    delete region;
    return -1;
  }
  packed = region;
  // What is freed is known by its address, so a library that frees may go on to take elsewhere.
  return lavis4j::Redirect(library, "free", reinterpret_cast<void*>(&Free)) &&
                 lavis4j::Redirect(library, "posix_memalign",
                                   reinterpret_cast<void*>(&TakeAligned))
             ? 1
             : -1;
}

int64_t lavis4j_memory_give_back(const void* begin, int64_t bytes) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const auto start = reinterpret_cast<size_t>(begin);
  size_t at = (start + page - 1) / page;
  const size_t end = bytes <= 0 ? 0 : (start + static_cast<size_t>(bytes)) / page;
  if (at >= end) {
    return 0;
  }
  const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (pagemap < 0) {
    return 0;
  }
  Words words;
  int64_t given = 0;
  while (at < end) {
    const size_t wanted = (end - at < words.size() ? end - at : words.size()) * sizeof(uint64_t);
    const ssize_t read =
        pread(pagemap, words.data(), wanted, static_cast<off_t>(at * sizeof(uint64_t)));
    const size_t count = read <= 0 ? 0 : static_cast<size_t>(read) / sizeof(uint64_t);
    if (count == 0) {
      break;
    }
    given += GiveBack(at, words, count, page);
    at += count;
  }
  close(pagemap);
  return given;
}

}  // extern "C"
