// Pages of mapped files that are given back.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "lavis4j/memory.h"

namespace {

constexpr int kPages = 8;

size_t Page() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

// A file of pages, each full of its number, mapped so that what is written stays in this process.
class Mapping {
 public:
  Mapping() {
    std::string name = testing::TempDir() + "pages_XXXXXX";
    const int file = mkstemp(name.data());
    EXPECT_GE(file, 0);
    for (int i = 0; i < kPages; ++i) {
      const std::vector<uint8_t> page(Page(), static_cast<uint8_t>(i));
      EXPECT_EQ(write(file, page.data(), page.size()), static_cast<ssize_t>(page.size()));
    }
    begin_ = static_cast<uint8_t*>(
        mmap(nullptr, kPages * Page(), PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0));
    EXPECT_NE(begin_, MAP_FAILED);
    madvise(begin_, kPages * Page(), MADV_RANDOM);  // reading a page brings no other
    close(file);
    unlink(name.c_str());
  }

  ~Mapping() { munmap(begin_, kPages * Page()); }

  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  volatile uint8_t& operator[](int page) { return begin_[static_cast<size_t>(page) * Page()]; }

  uint8_t* At(int page) { return begin_ + static_cast<size_t>(page) * Page(); }

  void ReadAll() {
    for (int i = 0; i < kPages; ++i) {
      ASSERT_EQ((*this)[i], i);
    }
  }

 private:
  uint8_t* begin_;
};

// Bytes of a mapping that are in this process's memory, as it is told.
int64_t Resident(const void* begin) {
  std::FILE* file = std::fopen("/proc/self/smaps", "r");
  EXPECT_NE(file, nullptr);
  std::vector<char> line(4096);
  bool here = false;
  long kibibytes = -1;
  while (file != nullptr && std::fgets(line.data(), static_cast<int>(line.size()), file)) {
    unsigned long from = 0, to = 0;
    if (std::sscanf(line.data(), "%lx-%lx ", &from, &to) == 2) {
      here = from <= reinterpret_cast<uintptr_t>(begin) && reinterpret_cast<uintptr_t>(begin) < to;
    } else if (here && std::sscanf(line.data(), "Rss: %ld kB", &kibibytes) == 1) {
      break;
    }
  }
  if (file != nullptr) {
    std::fclose(file);
  }
  return kibibytes * 1024;
}

TEST(Pages, OfAFileAreGivenBackAndReadAgain) {
  Mapping pages;
  pages.ReadAll();
  const auto page = static_cast<int64_t>(Page());
  EXPECT_EQ(Resident(pages.At(0)), kPages * page);
  EXPECT_EQ(lavis4j_memory_give_back(pages.At(0), kPages * page), kPages * page);
  EXPECT_EQ(Resident(pages.At(0)), 0);
  EXPECT_EQ(lavis4j_memory_give_back(pages.At(0), kPages * page), 0);
  pages.ReadAll();
}

TEST(Pages, ThatWereWrittenStay) {
  Mapping pages;
  pages.ReadAll();
  const auto page = static_cast<int64_t>(Page());
  pages[3] = 103;
  pages[7] = 107;
  EXPECT_EQ(lavis4j_memory_give_back(pages.At(0), kPages * page), (kPages - 2) * page);
  EXPECT_EQ(Resident(pages.At(0)), 2 * page);
  EXPECT_EQ(pages[3], 103);
  EXPECT_EQ(pages[7], 107);
  EXPECT_EQ(pages[4], 4);
}

TEST(Pages, ThatLieInTheRangeInPartStay) {
  Mapping pages;
  pages.ReadAll();
  const auto page = static_cast<int64_t>(Page());
  EXPECT_EQ(lavis4j_memory_give_back(pages.At(1) + 1, 3 * page), 2 * page);
  EXPECT_EQ(Resident(pages.At(0)), (kPages - 2) * page);
  EXPECT_EQ(lavis4j_memory_give_back(pages.At(4) + 1, page - 2), 0);
  EXPECT_EQ(lavis4j_memory_give_back(pages.At(4), 0), 0);
  EXPECT_EQ(lavis4j_memory_give_back(pages.At(4), -1), 0);
}

TEST(Pages, OfNoFileStay) {
  const size_t bytes = kPages * Page();
  void* memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto* begin = static_cast<volatile uint8_t*>(memory);
  for (int i = 0; i < kPages / 2; ++i) {  // the others are not there
    begin[static_cast<size_t>(i) * Page()] = 1;
  }
  EXPECT_EQ(lavis4j_memory_give_back(memory, static_cast<int64_t>(bytes)), 0);
  for (int i = 0; i < kPages / 2; ++i) {
    EXPECT_EQ(begin[static_cast<size_t>(i) * Page()], 1);
  }
  munmap(memory, bytes);
}

}  // namespace
