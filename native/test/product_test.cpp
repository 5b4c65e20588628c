#include "product.h"

#include <gtest/gtest.h>

namespace lavis4j {
namespace {

TEST(PartTest, PartsCoverTheLengthInOrderAndStartAtMultiplesOf16) {
  for (int length : {0, 1, 15, 16, 17, 100, 1408, 6144, 2147483647}) {
    for (int parts : {1, 2, 3, 7, 16, 64}) {
      int next = 0;
      for (int index = 0; index < parts; index++) {
        const Range part = Part(length, parts, index);
        ASSERT_GE(part.size, 0);
        if (part.size > 0) {
          ASSERT_EQ(part.begin, next) << length << " in " << parts;
          ASSERT_EQ(part.begin % 16, 0);
          next += part.size;
        }
      }
      EXPECT_EQ(next, length) << "in " << parts;
    }
  }
}

TEST(PartTest, PartsDifferByOneMultipleOf16AtMost) {
  for (int index = 0; index < 7; index++) {
    const int size = Part(16 * 100, 7, index).size;
    EXPECT_TRUE(size == 16 * 14 || size == 16 * 15) << size;
  }
}

TEST(GridTest, CutsTheLongerSideFirst) {
  EXPECT_EQ(ChooseGrid(6144, 514, 2).rows, 2);
  EXPECT_EQ(ChooseGrid(514, 6144, 2).cols, 2);
}

TEST(GridTest, IsSquareForASquare) {
  const Grid grid = ChooseGrid(2048, 2048, 16);
  EXPECT_EQ(grid.rows, 4);
  EXPECT_EQ(grid.cols, 4);
}

TEST(GridTest, HasAsManyBlocksAsAskedFor) {
  for (int parts = 1; parts <= 64; parts++) {
    const Grid grid = ChooseGrid(1408, 514, parts);
    EXPECT_EQ(grid.rows * grid.cols, parts);
  }
}

}  // namespace
}  // namespace lavis4j
