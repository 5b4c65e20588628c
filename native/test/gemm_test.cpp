#include <gtest/gtest.h>
#include <omp.h>
#include <sys/mman.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "checked_product.h"

namespace lavis4j {
namespace {

template <typename E>
E Pick(std::initializer_list<E> choices, std::mt19937& random) {
  return choices.begin()[random() % choices.size()];
}

// alpha and beta are exact in either precision, so that the reference sees the same numbers.
Shape RandomShape(std::mt19937& random) {
  const auto extent = [&] { return Pick({0, 1, 1, 2, 3, 7, 16, 17, 33, 64, 100, 150}, random); };
  const auto trans = [&] { return Pick({'n', 'N', 't', 'T', 'c', 'C'}, random); };
  return {trans(),
          trans(),
          extent(),
          extent(),
          extent(),
          Pick({0.0, 1.0, -1.0, 0.625}, random),
          Pick({0.0, 1.0, -0.375, 2.0}, random),
          Pick({0, 0, 1, 9}, random)};
}

template <typename T>
class GemmTest : public testing::Test {};
TYPED_TEST_SUITE(GemmTest, Precisions, );

TYPED_TEST(GemmTest, RandomProductsEqualTheSumInDouble) {
  constexpr unsigned kSeed = 20230130;
  std::mt19937 random(kSeed);
  for (int threads : {1, 2, 3, 8}) {
    const Threads scope(threads);
    for (int i = 0; i < 400; i++) {
      const Shape shape = RandomShape(random);
      SCOPED_TRACE("seed " + std::to_string(kSeed) + ", product " + std::to_string(i));
      Check<TypeParam>(shape, random);
      if (this->HasFatalFailure()) {
        return;
      }
    }
  }
}

TYPED_TEST(GemmTest, EveryTransposeOfALargeProductIsRight) {
  std::mt19937 random(7);
  const Threads scope(4);
  for (char ta : {'n', 'T', 'c'}) {
    for (char tb : {'N', 't', 'C'}) {
      const auto before = Counts();
      Check<TypeParam>({ta, tb, 130, 257, 88, 0.5, 2, 3}, random);
      EXPECT_EQ(Counts().split, before.split + 1);
    }
  }
}

TYPED_TEST(GemmTest, VectorShapesAreRight) {
  std::mt19937 random(8);
  for (int threads : {1, 4}) {
    const Threads scope(threads);
    for (char ta : {'n', 't'}) {
      for (char tb : {'n', 't'}) {
        for (double beta : {0.0, 1.0, -0.5}) {
          for (int padding : {0, 5}) {
            Check<TypeParam>({ta, tb, 1, 1000, 600, 1, beta, padding}, random);
            Check<TypeParam>({ta, tb, 1000, 1, 600, 1, beta, padding}, random);
            Check<TypeParam>({ta, tb, 1, 1, 600000, 1, beta, padding}, random);
          }
        }
      }
    }
  }
}

TYPED_TEST(GemmTest, NothingToSumScalesTheOldValues) {
  std::mt19937 random(9);
  for (double beta : {0.0, 1.0, 2.0}) {
    Check<TypeParam>({'n', 'n', 200, 200, 0, 1, beta, 1}, random);
    Check<TypeParam>({'n', 'n', 200, 200, 100, 0, beta, 1}, random);
    Check<TypeParam>({'n', 'n', 1, 20000, 0, 1, beta, 1}, random);
    Check<TypeParam>({'n', 'n', 1, 2000, 300, 0, beta, 1}, random);
  }
}

TYPED_TEST(GemmTest, WithoutAlphaTheMatricesAreNotRead) {
  const std::vector<TypeParam> nothing(500 * 500, std::numeric_limits<TypeParam>::quiet_NaN());
  for (int columns : {1, 4, 40, 200}) {
    std::vector<TypeParam> c(300 * 200, 5);
    CallGemm('t', 'n', 300, columns, 500, TypeParam{0}, nothing.data(), 500, nothing.data(), 500,
             TypeParam{2}, c.data(), 300);
    EXPECT_EQ(c[0], TypeParam{10}) << columns << " columns";
    EXPECT_EQ(c[At(299, columns - 1, 300)], TypeParam{10}) << columns << " columns";
  }
}

TYPED_TEST(GemmTest, AnIllegalArgumentLeavesTheResultAlone) {
  const Threads scope(2);
  const std::vector<TypeParam> a(100 * 100, 1);
  std::vector<TypeParam> c(100 * 100, 5);
  const auto before = Counts();
  CallGemm('x', 'n', 100, 100, 100, TypeParam{1}, a.data(), 100, a.data(), 100, TypeParam{0},
           c.data(), 100);
  EXPECT_EQ(c, std::vector<TypeParam>(100 * 100, 5));
  EXPECT_EQ(Counts().split, before.split);
}

TYPED_TEST(GemmTest, InsideAParallelRegionEveryProductIsSerial) {
  const Threads scope(4);
  const auto before = Counts();
#pragma omp parallel num_threads(4)
  {
    std::mt19937 random(static_cast<unsigned>(omp_get_thread_num()));
    for (int i = 0; i < 10; i++) {
      Check<TypeParam>({'n', 't', 90, 110, 70, 1, 0, 2}, random);
      Check<TypeParam>({'t', 'n', 1, 900, 300, 1, 0, 2}, random);
    }
  }
  const auto after = Counts();
  EXPECT_EQ(after.nested - before.nested, 80);
  EXPECT_EQ(after.split, before.split);
}

TYPED_TEST(GemmTest, ATeamOfOneCountsAsAParallelRegion) {
  const Threads scope(4);
  const auto before = Counts();
#pragma omp parallel num_threads(1)
  {
    std::mt19937 random(1);
    Check<TypeParam>({'n', 'n', 100, 100, 100, 1, 0, 0}, random);
  }
  EXPECT_EQ(Counts().split, before.split);
}

TYPED_TEST(GemmTest, TwoThreadsMultiplyAtOnce) {
  const auto work = [](unsigned seed) {
    const Threads scope(3);
    std::mt19937 random(seed);
    for (int i = 0; i < 40; i++) {
      Check<TypeParam>({'n', 't', 100, 130, 60, 1, 0.5, 2}, random);
      Check<TypeParam>({'t', 'n', 1, 900, 300, 1, 0, 2}, random);
    }
  };
  std::thread first(work, 1);
  std::thread second(work, 2);
  first.join();
  second.join();
}

TYPED_TEST(GemmTest, OffsetsPastTwoToTheThirtyOneAreRight) {
  // 32 columns of B with 2^27 + 1 between neighbours: 16 GiB or 32 GiB of addresses, few of them
  // ever touched.
  constexpr int kLd = (1 << 27) + 1;
  constexpr int kRows = 1000;
  constexpr int kCols = 32;
  const size_t bytes = At(0, kCols, kLd) * sizeof(TypeParam);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    GTEST_SKIP() << "needs " << bytes << " bytes of address space";
  }
  auto* b = static_cast<TypeParam*>(memory);
  for (int j = 0; j < kCols; j++) {
    b[At(0, j, kLd)] = static_cast<TypeParam>(j);
  }
  const std::vector<TypeParam> a(32 * kRows, 1);
  std::vector<TypeParam> c(32 * kCols, -1);

  const Threads scope(2);
  const auto before = Counts();
  CallGemm('n', 'n', 32, kCols, kRows, TypeParam{1}, a.data(), 32, b, kLd, TypeParam{0}, c.data(),
           32);
  EXPECT_EQ(Counts().blocks - before.blocks, 2);
  for (int j = 0; j < kCols; j++) {
    EXPECT_EQ(c[At(31, j, 32)], static_cast<TypeParam>(j));
  }
  munmap(memory, bytes);
}

}  // namespace
}  // namespace lavis4j
