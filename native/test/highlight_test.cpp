#include "highlight.h"

#include <gtest/gtest.h>

#include <vector>

namespace lavis4j {
namespace {

constexpr int kWidth = 30;
constexpr int kHeight = 24;

// A grey image with regions drawn into it, row by row in two halves.
std::vector<uint8_t> Drawn(const std::vector<lavis4j_image_box>& boxes, int32_t mode,
                           int32_t declared_width = 0, int32_t declared_height = 0) {
  const lavis4j_image_regions regions{boxes.data(), static_cast<int32_t>(boxes.size()),
                                      declared_width, declared_height, mode};
  std::vector<uint8_t> pixels(3 * kWidth * kHeight, 100);
  Highlight highlight;
  EXPECT_TRUE(highlight.Begin(regions, kWidth, kHeight, 1));
  for (int y = 0; y < kHeight; y++) {
    uint8_t* row = pixels.data() + 3 * kWidth * y;
    EXPECT_TRUE(highlight.Draw(row, y, 0, 11));
    EXPECT_TRUE(highlight.Draw(row + 3 * 11, y, 11, kWidth - 11));
  }
  return pixels;
}

using Pixel = std::vector<int>;

Pixel At(const std::vector<uint8_t>& pixels, int x, int y) {
  const uint8_t* pixel = pixels.data() + 3 * (y * kWidth + x);
  return {pixel[0], pixel[1], pixel[2]};
}

const Pixel kGrey{100, 100, 100};
const Pixel kVeil{136, 78, 125};
const Pixel kFrame{5, 255, 55};

TEST(Highlight, VeilsInsideAFrameThatIncludesBothCorners) {
  const auto pixels = Drawn({{4, 5, 12, 10}}, LAVIS4J_REGIONS_HIGHLIGHT);
  for (int y = 0; y < kHeight; y++) {
    for (int x = 0; x < kWidth; x++) {
      const bool inside = x >= 4 && x <= 16 && y >= 5 && y <= 15;
      const bool veiled = x >= 7 && x <= 13 && y >= 8 && y <= 12;
      EXPECT_EQ(At(pixels, x, y), veiled ? kVeil : inside ? kFrame : kGrey) << x << ", " << y;
    }
  }
}

TEST(Highlight, ALaterRegionReplacesAnEarlierOne) {
  const auto pixels = Drawn({{0, 0, 20, 20}, {2, 2, 14, 14}}, LAVIS4J_REGIONS_HIGHLIGHT);
  EXPECT_EQ(At(pixels, 8, 8), kVeil);
}

TEST(Highlight, HidesOrBlacksOut) {
  const auto hidden = Drawn({{4, 5, 2, 2}}, LAVIS4J_REGIONS_HIDE);
  EXPECT_EQ(At(hidden, 4, 5), (Pixel{0x7b, 0x75, 0x75}));
  EXPECT_EQ(At(hidden, 7, 5), kGrey);
  const auto black = Drawn({{4, 5, 2, 2}}, LAVIS4J_REGIONS_BLACKOUT);
  EXPECT_EQ(At(black, 6, 7), kGrey);
  EXPECT_EQ(At(black, 7, 7), (Pixel{0, 0, 0}));
  EXPECT_EQ(At(Drawn({}, LAVIS4J_REGIONS_BLACKOUT), 0, 0), (Pixel{0, 0, 0}));
}

TEST(Highlight, ScalesRegionsOfTheSameProportionsOnly) {
  const auto scaled = Drawn({{10, 10, 10, 10}}, LAVIS4J_REGIONS_HIDE, 2 * kWidth, 2 * kHeight);
  EXPECT_NE(At(scaled, 5, 5), kGrey);
  EXPECT_EQ(At(scaled, 11, 11), kGrey);
  const auto other = Drawn({{10, 10, 10, 10}}, LAVIS4J_REGIONS_HIDE, 2 * kWidth, kHeight);
  EXPECT_EQ(At(other, 5, 5), kGrey);
  EXPECT_NE(At(other, 11, 11), kGrey);
}

TEST(Highlight, RegionsOutsideOfTheImageAreCutOff) {
  const auto pixels = Drawn({{-100, -100, 50, 50},
                             {25, 20, 2000000000, 2000000000},
                             {5, 5, -3, 4},
                             {-2147483647, 3, 2147483647, 0}},
                            LAVIS4J_REGIONS_HIDE);
  EXPECT_EQ(At(pixels, 24, 20), kGrey);
  EXPECT_NE(At(pixels, 29, 23), kGrey);
  EXPECT_EQ(At(pixels, 5, 5), kGrey);
  EXPECT_NE(At(pixels, 0, 3), kGrey);
}

}  // namespace
}  // namespace lavis4j
