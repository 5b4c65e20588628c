// Blocks that lie side by side, and a library that takes such.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "lavis4j/memory.h"
#include "linkage.h"
#include "region.h"

namespace lavis4j {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOfC = false;
#else
constexpr bool kMemoryIsOfC = true;
#endif

// Bytes of this process that are in memory.
size_t Resident() {
  unsigned long size = 0, resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  EXPECT_EQ(std::fscanf(file, "%lu %lu", &size, &resident), 2);
  std::fclose(file);
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

TEST(Region, AFreedBlockIsTakenByTheNextOfItsSize) {
  Region region(256 * kMiB);
  ASSERT_TRUE(region.IsReserved());
  std::vector<void*> blocks;
  for (int i = 0; i < 16; ++i) {
    blocks.push_back(region.Take(kMiB + 4096));
  }
  const size_t used = region.Used();
  std::set<void*> freed;
  for (size_t i = 1; i < blocks.size(); i += 2) {
    region.Give(blocks[i]);
    freed.insert(blocks[i]);
  }
  for (size_t i = 1; i < blocks.size(); i += 2) {
    EXPECT_EQ(freed.erase(region.Take(kMiB + 4096)), 1U);
  }
  EXPECT_EQ(region.Used(), used);
}

TEST(Region, TheSmallestGapThatHoldsABlockIsTaken) {
  Region region(256 * kMiB);
  void* large = region.Take(4 * kMiB);
  void* first = region.Take(kMiB);
  void* small = region.Take(2 * kMiB);
  void* second = region.Take(kMiB);
  region.Give(large);
  region.Give(small);
  EXPECT_EQ(region.Take(2 * kMiB), small);
  EXPECT_EQ(region.Take(3 * kMiB), large);
  region.Give(first);
  region.Give(second);
}

TEST(Region, GapsBesideEachOtherBecomeOne) {
  Region region(256 * kMiB);
  std::vector<void*> blocks;
  for (int i = 0; i < 4; ++i) {
    blocks.push_back(region.Take(kMiB));
  }
  region.Give(blocks[0]);
  region.Give(blocks[2]);
  region.Give(blocks[1]);
  EXPECT_EQ(region.Take(3 * kMiB), blocks[0]);
  region.Give(blocks[3]);
  EXPECT_LT(region.Used(), 4 * kMiB);
}

TEST(Region, BlocksOfPagesBeginAtDifferentPlacesOfAPage) {
  Region region(256 * kMiB);
  const auto one = reinterpret_cast<uintptr_t>(region.Take(64 * 4096));
  const auto other = reinterpret_cast<uintptr_t>(region.Take(64 * 4096));
  EXPECT_NE(one % 4096, other % 4096);
}

TEST(Region, ThatIsFullHasNoBlock) {
  Region region(64 * kMiB);
  void* block = region.Take(40 * kMiB);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(region.Take(40 * kMiB), nullptr);
  EXPECT_EQ(region.Take(65 * kMiB), nullptr);
  EXPECT_EQ(region.Take(0), nullptr);
  region.Give(block);
  EXPECT_EQ(region.Take(40 * kMiB), block);
}

TEST(Region, BlocksKeepWhatIsWritten) {
  Region region(256 * kMiB);
  std::mt19937 random(7);
  struct Block {
    uint8_t* begin;
    size_t bytes;
    uint8_t value;
  };
  std::vector<Block> blocks;
  for (int i = 0; i < 4000; ++i) {
    if (blocks.size() < 40 && random() % 3 != 0) {
      const size_t bytes = 1 + random() % kMiB;
      auto* begin = static_cast<uint8_t*>(region.Take(bytes));
      ASSERT_NE(begin, nullptr);
      ASSERT_EQ(reinterpret_cast<uintptr_t>(begin) % 64, 0U);
      const auto value = static_cast<uint8_t>(i);
      begin[0] = begin[bytes / 2] = begin[bytes - 1] = value;
      blocks.push_back({begin, bytes, value});
    } else if (!blocks.empty()) {
      const size_t which = random() % blocks.size();
      const Block block = blocks[which];
      blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(which));
      ASSERT_EQ(block.begin[0], block.value);
      ASSERT_EQ(block.begin[block.bytes / 2], block.value);
      ASSERT_EQ(block.begin[block.bytes - 1], block.value);
      region.Give(block.begin);
    }
  }
  for (const Block& block : blocks) {
    region.Give(block.begin);
  }
  EXPECT_EQ(region.Used(), 0U);
}

TEST(Region, ThreadsTakeBlocksOfTheirOwn) {
  Region region(256 * kMiB);
  std::vector<std::thread> threads;
  for (uint8_t t = 1; t <= 4; ++t) {
    threads.emplace_back([&region, t] {
      for (int i = 0; i < 500; ++i) {
        auto* block = static_cast<uint8_t*>(region.Take(300000));
        std::memset(block, t, 300000);
        EXPECT_EQ(block[299999], t);
        region.Give(block);
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(region.Used(), 0U);
}

TEST(Region, MuchThatIsFreeAtTheEndIsTheSystemsAgain) {
  if (!kMemoryIsOfC) {
    GTEST_SKIP() << "a sanitizer takes memory for what is written";
  }
  Region region(2 * Region::kSpare);
  const size_t before = Resident();
  std::vector<void*> blocks;
  for (size_t bytes = 0; bytes < Region::kSpare + 64 * kMiB; bytes += 32 * kMiB) {
    blocks.push_back(region.Take(32 * kMiB));
    std::memset(blocks.back(), 1, 32 * kMiB);
  }
  EXPECT_GT(Resident(), before + Region::kSpare);
  for (size_t i = blocks.size(); i-- > 0;) {
    region.Give(blocks[i]);
  }
  EXPECT_LT(Resident(), before + 128 * kMiB);
}

TEST(Region, WhatTheCLibraryKeepsFreeIsTheSystemsWhenMoreIsTaken) {
  if (!kMemoryIsOfC) {
    GTEST_SKIP() << "a sanitizer has an allocator of its own";
  }
  Region region(256 * kMiB);
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) {
    blocks.push_back(std::malloc(100000));  // below the size that is the system's when it is freed
    std::memset(blocks.back(), 1, 100000);
  }
  const size_t before = Resident();
  for (size_t i = 0; i + 1 < blocks.size(); ++i) {
    std::free(blocks[i]);  // all but the last, after which the heap ends
  }
  EXPECT_GT(Resident(), before - 10 * kMiB);
  void* block = region.Take(kMiB);
  EXPECT_LT(Resident(), before - 90 * kMiB);
  region.Give(block);
  std::free(blocks.back());
}

TEST(Region, WhatWasNotTakenCannotBeGiven) {
  Region region(64 * kMiB);
  void* block = region.Take(kMiB);
  EXPECT_DEATH(region.Give(static_cast<uint8_t*>(block) + 64), "");
  region.Give(block);
  EXPECT_DEATH(region.Give(block), "");
}

// The library that stands for libtorch's, in a process of its own, as what it calls stays changed.
class Library {
 public:
  Library() {
    void* handle = dlopen(PLAIN_TENSORS, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      std::_Exit(100);
    }
    take = reinterpret_cast<void* (*)(size_t, size_t)>(dlsym(handle, "plain_take"));
    free = reinterpret_cast<void (*)(void*)>(dlsym(handle, "plain_free"));
  }

  void* (*take)(size_t, size_t);
  void (*free)(void*);
};

// 0 if all is as it should be, else the number of what is not.
int PackedOfNoLibrary() {
  const Library library;
  void* before = library.take(64, kMiB);
  if (lavis4j_memory_pack("libplain_absent.so") != -1) {
    return 1;
  }
  library.free(before);
  return 0;
}

int PackedBlocks() {
  const Library library;
  void* before = library.take(64, kMiB);
  if (lavis4j_memory_pack("libplain_tensors.so") != 1) {
    return 1;
  }
  auto* first = static_cast<uint8_t*>(library.take(64, kMiB));
  auto* second = static_cast<uint8_t*>(library.take(64, kMiB));
  auto* third = static_cast<uint8_t*>(library.take(64, kMiB));
  if (second - first != third - second || second - first > static_cast<std::ptrdiff_t>(kMiB + 64)) {
    return 2;  // side by side
  }
  library.free(second);
  if (library.take(64, kMiB) != second) {
    return 3;
  }
  void* others[] = {library.take(64, 1000), library.take(64, 33 * kMiB), library.take(4096, kMiB)};
  for (void* other : others) {
    if (other == nullptr || (first <= other && other < first + 256 * kMiB)) {
      return 4;
    }
    library.free(other);
  }
  library.free(before);  // of the C library
  library.free(nullptr);
  void* own = nullptr;  // of this program, which is not changed
  if (posix_memalign(&own, 64, kMiB) != 0 || (first <= own && own < first + 256 * kMiB)) {
    return 5;
  }
  std::free(own);
  return lavis4j_memory_pack("libplain_tensors.so") == -1 ? 0 : 6;
}

int PackedAgainstTheEnvironment() {
  const Library library;
  setenv("MALLOC_TOP_PAD_", "1", 1);
  if (lavis4j_memory_pack("libplain_tensors.so") != 0) {
    return 1;
  }
  void* block = library.take(64, kMiB);
  library.free(block);
  return 0;
}

class Packing : public testing::Test {
 protected:
  void SetUp() override {
    if (!kMemoryIsOfC) {
      GTEST_SKIP() << "a sanitizer has an allocator of its own";
    }
  }

  static void ExpectGood(int (*check)()) {
    EXPECT_EXIT(std::_Exit(check()), testing::ExitedWithCode(0), "");
  }
};

TEST_F(Packing, TheBlocksOfALibraryLieSideBySide) { ExpectGood(PackedBlocks); }

TEST_F(Packing, OfALibraryThatIsNotThereIsRefused) { ExpectGood(PackedOfNoLibrary); }

TEST_F(Packing, TheEnvironmentDecides) { ExpectGood(PackedAgainstTheEnvironment); }

TEST(Linkage, KnowsWhatIsTheCLibrarys) {
  EXPECT_EQ(IsOfC("free"), kMemoryIsOfC);
  EXPECT_FALSE(IsOfC("lavis4j_no_such_function"));
  EXPECT_FALSE(IsOfC("lavis4j_memory_pack"));
}

}  // namespace
}  // namespace lavis4j
