#include "lavis4j/dropout.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "threefry.h"

namespace lavis4j {
namespace {

struct Known {
  uint32_t counter[kWords];
  uint32_t key[kWords];
  uint32_t numbers[kWords];
};

// The answers that the authors publish with their generators.
TEST(Threefry, GivesThePublishedNumbers) {
  constexpr uint32_t kAll = 0xffffffff;
  const Known known[] = {
      {{0, 0, 0, 0}, {0, 0, 0, 0}, {0x531c7e4f, 0x39491ee5, 0x2c855a92, 0x3d6abf9a}},
      {{kAll, kAll, kAll, kAll},
       {kAll, kAll, kAll, kAll},
       {0xc4189358, 0x1c9cc83a, 0xd5881c67, 0x6a0a89e0}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89},
       {0x4aa71d8f, 0x734738c2, 0x431fc6a8, 0xae6debf1}}};
  for (const Known& answer : known) {
    Lanes words[kWords];
    for (int word = 0; word < kWords; ++word) {
      words[word] = Lanes{} + answer.counter[word];
    }
    Threefry(answer.key, words);
    for (int word = 0; word < kWords; ++word) {
      for (int lane = 0; lane < kLanes; ++lane) {
        EXPECT_EQ(words[word][lane], answer.numbers[word]);
      }
    }
  }
}

std::vector<float> Mask(uint64_t key, double p, int64_t n, int32_t threads) {
  std::vector<float> mask(static_cast<size_t>(n) + 1, -1.0F);
  EXPECT_EQ(lavis4j_dropout_mask(key, p, mask.data(), n, threads), LAVIS4J_DROPOUT_OK);
  EXPECT_EQ(mask.back(), -1.0F) << "written after the end";
  mask.pop_back();
  return mask;
}

TEST(Dropout, TakesItsNumbersInTheOrderOfTheHeader) {
  constexpr uint32_t kKey[kWords] = {0x89abcdef, 0x01234567, 0, 0};
  const auto mask = Mask(0x123456789abcdef, 0.5, 200, 1);
  for (size_t i = 0; i < mask.size(); ++i) {
    Lanes words[kWords] = {};
    words[0][0] = static_cast<uint32_t>(i / 64 * 16 + i % 16);
    Threefry(kKey, words);
    EXPECT_EQ(mask[i], words[i % 64 / 16][0] < 0x80000000 ? 0.0F : 2.0F) << i;
  }
}

TEST(Dropout, IsTheSameOnAnyNumberOfThreads) {
  for (const int64_t n : {0, 1, 63, 64, 65, 32768, 100003}) {
    const auto alone = Mask(7, 0.1, n, 1);
    for (const int32_t threads : {2, 3, 8}) {
      EXPECT_EQ(Mask(7, 0.1, n, threads), alone) << n << " on " << threads;
    }
  }
}

TEST(Dropout, KeepsNothingOrEverythingAtTheEnds) {
  for (const float factor : Mask(7, 1, 1000, 2)) {
    EXPECT_EQ(factor, 0.0F);
  }
  for (const float factor : Mask(7, 0, 1000, 2)) {
    EXPECT_EQ(factor, 1.0F);
  }
}

TEST(Dropout, RefusesWhatIsNoProbability) {
  float mask[1];
  for (const double p : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(lavis4j_dropout_mask(7, p, mask, 1, 1), LAVIS4J_DROPOUT_BAD_ARGUMENT);
  }
  EXPECT_EQ(lavis4j_dropout_mask(7, 0.1, nullptr, 1, 1), LAVIS4J_DROPOUT_BAD_ARGUMENT);
  EXPECT_EQ(lavis4j_dropout_mask(7, 0.1, mask, -1, 1), LAVIS4J_DROPOUT_BAD_ARGUMENT);
  EXPECT_EQ(lavis4j_dropout_mask(7, 0.1, mask, 1, 0), LAVIS4J_DROPOUT_BAD_ARGUMENT);
}

}  // namespace
}  // namespace lavis4j
