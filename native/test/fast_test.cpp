// Images that are decoded at a smaller size.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "files.h"
#include "highlight.h"
#include "lavis4j/image.h"

namespace lavis4j {
namespace {

// Without noise, so that a shift by a part of a pixel shows.
Rgb Waves(int width, int height) {
  Rgb image{width, height, {}};
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      for (int c = 0; c < 3; c++) {
        const double wave = std::sin(0.04 * (x + c)) + std::sin(0.05 * (y - 9 * c));
        image.pixels.push_back(static_cast<uint8_t>(128 + 60 * wave));
      }
    }
  }
  return image;
}

lavis4j_image_plan Plan(const lavis4j_image_box& crop, int width, int height, bool fast) {
  return {crop, width, height, {0, 0, width, height}, 0, fast ? 1 : 0, nullptr, 0};
}

std::vector<uint8_t> Load(const File& file, const lavis4j_image_plan& plan) {
  std::vector<uint8_t> out;
  lavis4j_image_message message;
  EXPECT_EQ(LoadRgb8(file, plan, out, message), LAVIS4J_IMAGE_OK) << message.text;
  return out;
}

std::vector<File> JpegKinds(const Rgb& image) {
  std::vector<File> files;
  for (const auto& [horizontal, vertical] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}}) {
    files.push_back(Jpeg(image, {horizontal, vertical, false, 0}));
    files.push_back(Jpeg(image, {horizontal, vertical, true, 0}));
  }
  return files;
}

TEST(Fast, NothingShifts) {
  const Rgb image = Waves(301, 263);
  for (const File& file : JpegKinds(image)) {
    for (const int by : {2, 3, 4, 6, 8, 11}) {
      for (const lavis4j_image_box& crop : {lavis4j_image_box{0, 0, 301, 263},
                                            {1, 3, 290, 251},
                                            {5, 7, 296, 256},
                                            {13, 6, 250, 240}}) {
        const int width = crop.width / by;
        const int height = crop.height / by;
        const auto exact = Load(file, Plan(crop, width, height, false));
        const auto fast = Load(file, Plan(crop, width, height, true));
        int64_t sum = 0;
        int largest = 0;
        for (size_t i = 0; i < exact.size(); i++) {
          const int difference = std::abs(fast[i] - exact[i]);
          sum += difference;
          largest = std::max(largest, difference);
        }
        // an eighth leaves chroma in squares, and its outer pixels hold what lies outside of a crop
        EXPECT_LE(largest, by < 8 ? 8 : 14) << by << " at " << crop.left << ", " << crop.top;
        EXPECT_LE(static_cast<double>(sum) / static_cast<double>(exact.size()), by < 8 ? 0.7 : 2.5)
            << by << " at " << crop.left << ", " << crop.top;
      }
    }
  }
}

TEST(Fast, ACropIsAPartOfTheWholeReducedImage) {
  const Rgb image = RandomImage(320, 256, 3);
  for (const File& file : JpegKinds(image)) {
    for (const int by : {2, 4, 8}) {
      const Rgb whole{320 / by, 256 / by,
                      Load(file, Plan({0, 0, 320, 256}, 320 / by, 256 / by, true))};
      for (const lavis4j_image_box& crop : {lavis4j_image_box{64, 128, 64, 64},
                                            {0, 0, 8, 8},
                                            {312, 248, 8, 8},
                                            {120, 40, 200, 16},
                                            {8, 80, 8, 176}}) {
        const auto part = Load(file, Plan(crop, crop.width / by, crop.height / by, true));
        const auto length = static_cast<size_t>(3 * crop.width / by);
        for (int y = 0; y < crop.height / by; y++) {
          ASSERT_EQ(std::memcmp(part.data() + static_cast<size_t>(y) * length,
                                whole.at(crop.left / by, crop.top / by + y), length),
                    0)
              << "row " << y << " of a " << by << "th at " << crop.left << ", " << crop.top;
        }
      }
    }
  }
}

TEST(Fast, AnImageThatIsNotHalvedDoesNotChange) {
  const Rgb image = RandomImage(120, 100, 4);
  for (const auto& [width, height] : {std::pair{61, 20}, {20, 51}, {120, 100}, {200, 200}}) {
    const File file = Jpeg(image, {});
    EXPECT_EQ(Load(file, Plan({0, 0, 120, 100}, width, height, true)),
              Load(file, Plan({0, 0, 120, 100}, width, height, false)));
  }
  const File png = Png(image, false);
  EXPECT_EQ(Load(png, Plan({3, 3, 100, 90}, 12, 10, true)),
            Load(png, Plan({3, 3, 100, 90}, 12, 10, false)));
}

TEST(Fast, AFileThatIsCutOffIsBroken) {
  for (const File& file : JpegKinds(RandomImage(64, 64, 5))) {
    for (size_t length = 2; length < file.size(); length += 7) {
      std::vector<uint8_t> out;
      lavis4j_image_message message;
      const File part(file.begin(), file.begin() + static_cast<ptrdiff_t>(length));
      EXPECT_EQ(LoadRgb8(part, Plan({8, 8, 32, 32}, 6, 6, true), out, message),
                LAVIS4J_IMAGE_BROKEN);
    }
  }
}

constexpr int kWidth = 64;
constexpr int kHeight = 48;

std::vector<uint8_t> Drawn(std::vector<uint8_t> pixels, const lavis4j_image_regions& regions,
                           int by) {
  Highlight highlight;
  EXPECT_TRUE(highlight.Begin(regions, kWidth, kHeight, by));
  for (int y = 0; y < kHeight / by; y++) {
    uint8_t* row = pixels.data() + 3 * (kWidth / by) * y;
    EXPECT_TRUE(highlight.Draw(row, y, 0, 5));
    EXPECT_TRUE(highlight.Draw(row + 15, y, 5, kWidth / by - 5));
  }
  return pixels;
}

std::vector<uint8_t> Means(const std::vector<uint8_t>& pixels, int by) {
  std::vector<uint8_t> means;
  for (int y = 0; y < kHeight / by; y++) {
    for (int x = 0; x < 3 * (kWidth / by); x++) {
      int sum = by * by / 2;
      for (int i = 0; i < by * by; i++) {
        const int column = x / 3 * by + i % by;
        sum += pixels[static_cast<size_t>(3 * ((y * by + i / by) * kWidth + column) + x % 3)];
      }
      means.push_back(static_cast<uint8_t>(sum / (by * by)));
    }
  }
  return means;
}

TEST(Fast, RegionsAreTheMeanOfThoseOfTheWholeImage) {
  const std::vector<lavis4j_image_box> boxes{
      {3, 5, 41, 30}, {-9, -7, 30, 25}, {50, 2, 100, 100}, {21, 33, 13, 7}, {30, 30, 1, 12}};
  for (int32_t mode = LAVIS4J_REGIONS_HIGHLIGHT; mode <= LAVIS4J_REGIONS_BLACKOUT; mode++) {
    for (size_t count = 0; count <= boxes.size(); count++) {
      const lavis4j_image_regions regions{boxes.data(), static_cast<int32_t>(count), 0, 0, mode};
      const std::vector<uint8_t> grey(3 * kWidth * kHeight, 100);
      const auto whole = Drawn(grey, regions, 1);
      for (const int by : {2, 4, 8}) {
        const auto expected = Means(whole, by);
        const auto actual = Drawn(Means(grey, by), regions, by);
        // exact for one box; parts of several in one pixel are taken as independent
        int differing = 0;
        for (size_t i = 0; i < expected.size(); i++) {
          differing += std::abs(expected[i] - actual[i]) > 1;
        }
        EXPECT_LE(differing, count < 2 ? 0 : static_cast<int>(expected.size()) / 12)
            << "mode " << mode << ", " << count << " boxes, a " << by << "th";
      }
    }
  }
}

}  // namespace
}  // namespace lavis4j
