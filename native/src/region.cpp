#include "region.h"

#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <iterator>

namespace lavis4j {
namespace {

constexpr size_t kAligned = 64;

// Between blocks, so that those of a multiple of a page do not all begin at one place of a page:
// loads would wait for stores into others.
constexpr size_t kApart = 64;

constexpr size_t kStep = size_t{64} << 20;

size_t RoundedUp(size_t bytes, size_t multiple) {
  return (bytes + multiple - 1) / multiple * multiple;
}

}  // namespace

Region::Region(size_t bytes) {
  const size_t reserved = RoundedUp(bytes, kStep);
  void* memory = mmap(nullptr, reserved, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    return;
  }
  madvise(memory, reserved, MADV_HUGEPAGE);  // where the system has no large pages, small ones
  begin_ = end_ = open_ = dirty_ = reinterpret_cast<uintptr_t>(memory);
  limit_ = begin_ + reserved;
}

Region::~Region() {
  if (IsReserved()) {
    munmap(reinterpret_cast<void*>(begin_), limit_ - begin_);
  }
}

void* Region::Take(size_t bytes) {
  if (bytes == 0 || bytes > limit_ - begin_ - kApart) {
    return nullptr;
  }
  const size_t length = RoundedUp(bytes, kAligned) + kApart;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto gap = gaps_.lower_bound({length, 0});
  if (gap == gaps_.end()) {
    return reinterpret_cast<void*>(Lengthened(length));
  }
  const auto [size, at] = *gap;
  gaps_.erase(gap);
  blocks_[at] = {length, true};
  if (size > length) {
    blocks_[at + length] = {size - length, false};
    gaps_.insert({size - length, at + length});
  }
  return reinterpret_cast<void*>(at);
}

// A block after the used part; 0 where there is no room.
uintptr_t Region::Lengthened(size_t bytes) {
  if (bytes > limit_ - end_) {
    return 0;
  }
  const uintptr_t at = end_;
  if (at + bytes > open_) {
    const size_t more = std::min(RoundedUp(at + bytes - open_, kStep), limit_ - open_);
    if (mprotect(reinterpret_cast<void*>(open_), more, PROT_READ | PROT_WRITE) != 0) {
      return 0;
    }
    open_ += more;
    malloc_trim(0);  // instead of pages that the C library keeps free, as after loading
  }
  blocks_[at] = {bytes, true};
  end_ = at + bytes;
  dirty_ = std::max(dirty_, end_);
  return at;
}

void Region::Give(void* block) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = blocks_.find(reinterpret_cast<uintptr_t>(block));
  if (found == blocks_.end() || !found->second.taken) {
    __builtin_trap();  // as glibc ends the process that frees what is not there
  }
  Join(found);
}

// Makes a gap of a block and the gaps beside it, or the end of the used part.
void Region::Join(Blocks::iterator block) {
  block->second.taken = false;
  const auto next = std::next(block);
  if (next != blocks_.end() && !next->second.taken) {
    gaps_.erase({next->second.bytes, next->first});
    block->second.bytes += next->second.bytes;
    blocks_.erase(next);
  }
  if (block != blocks_.begin()) {
    const auto before = std::prev(block);
    if (!before->second.taken) {
      gaps_.erase({before->second.bytes, before->first});
      before->second.bytes += block->second.bytes;
      blocks_.erase(block);
      block = before;
    }
  }
  if (block->first + block->second.bytes == end_) {
    end_ = block->first;
    blocks_.erase(block);
    Shorten();
  } else {
    gaps_.insert({block->second.bytes, block->first});
  }
}

// Gives the system what is behind the used part, if it is much.
void Region::Shorten() {
  if (dirty_ - end_ <= kSpare) {
    return;
  }
  const uintptr_t from = RoundedUp(end_, size_t{2} << 20);
  if (from < dirty_ &&
      madvise(reinterpret_cast<void*>(from), RoundedUp(dirty_ - from, 4096), MADV_DONTNEED) == 0) {
    dirty_ = from;
  }
}

size_t Region::Used() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return end_ - begin_;
}

}  // namespace lavis4j
