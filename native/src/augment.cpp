#include "augment.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace lavis4j {
namespace {

constexpr int kBorder = 128;

// Coordinates are computed in 1/1024 of a pixel and used in 1/32.
constexpr int kFractionBits = 5;
constexpr int kFractions = 1 << kFractionBits;
constexpr int kCoordinateBits = 10;
constexpr int kExtraBits = kCoordinateBits - kFractionBits;

// Far outside of any image, and far from the ends of the numbers.
constexpr double kFarthest = 1 << 30;

int32_t Coordinate(double pixels) {
  const double rounded = std::nearbyint(pixels * (1 << kCoordinateBits));
  return static_cast<int32_t>(std::clamp(rounded, -kFarthest, kFarthest));
}

}  // namespace

bool Augment::Begin(int width, int height) {
  width_ = width;
  height_ = height;
  const size_t size = 3 * static_cast<size_t>(width) * static_cast<size_t>(height);
  if (!first_.Reserve(size)) {
    return false;
  }
  pixels_ = first_.data();
  return true;
}

bool Augment::Apply(const lavis4j_image_augmentation& augmentation) {
  switch (augmentation.operation) {
    case LAVIS4J_AUGMENT_AUTO_CONTRAST:
      MapLevels(AutoContrast);
      return true;
    case LAVIS4J_AUGMENT_EQUALIZE:
      MapLevels(Equalize);
      return true;
    default:
      return Warp(augmentation.matrix);
  }
}

void Augment::MapLevels(bool (*make)(const Frequencies&, LevelTable&)) {
  const size_t size = 3 * static_cast<size_t>(width_) * static_cast<size_t>(height_);
  Frequencies frequencies[3] = {};
  for (size_t i = 0; i < size; i += 3) {
    frequencies[0][pixels_[i]]++;
    frequencies[1][pixels_[i + 1]]++;
    frequencies[2][pixels_[i + 2]]++;
  }
  for (size_t c = 0; c < 3; c++) {
    LevelTable table;
    if (make(frequencies[c], table)) {
      for (size_t i = c; i < size; i += 3) {
        pixels_[i] = table[pixels_[i]];
      }
    }
  }
}

bool Augment::AutoContrast(const Frequencies& frequencies, LevelTable& table) {
  int low = 0;
  int high = 255;
  while (frequencies[low] == 0) {
    low++;
  }
  while (frequencies[high] == 0) {
    high--;
  }
  if (high <= low) {
    return false;
  }
  const double scale = 255.0 / (high - low);
  const double offset = -low * scale;
  for (int level = 0; level < 256; level++) {
    table[level] = static_cast<uint8_t>(std::clamp(level * scale + offset, 0.0, 255.0));
  }
  return true;
}

bool Augment::Equalize(const Frequencies& frequencies, LevelTable& table) {
  int last = 255;
  while (frequencies[last] == 0) {
    last--;
  }
  int32_t step = 0;
  for (int level = 0; level < last; level++) {
    step += frequencies[level];
  }
  step /= 255;
  if (step == 0) {
    return false;
  }
  int32_t sum = step / 2;
  for (int level = 0; level < 256; level++) {
    table[level] = static_cast<uint8_t>(std::min(sum / step, 255));
    sum += frequencies[level];
  }
  return true;
}

bool Augment::Warp(const double (&matrix)[6]) {
  const auto width = static_cast<size_t>(width_);
  const size_t size = 3 * width * static_cast<size_t>(height_);
  Buffer<uint8_t>& to = pixels_ == first_.data() ? second_ : first_;
  if (!to.Reserve(size) || !column_x_.Reserve(width) || !column_y_.Reserve(width)) {
    return false;
  }
  for (size_t x = 0; x < width; x++) {
    column_x_[x] = Coordinate(matrix[0] * static_cast<double>(x));
    column_y_[x] = Coordinate(matrix[3] * static_cast<double>(x));
  }
  constexpr int32_t half = 1 << (kExtraBits - 1);
  for (int y = 0; y < height_; y++) {
    WarpRow(int64_t{Coordinate(matrix[1] * y + matrix[2])} + half,
            int64_t{Coordinate(matrix[4] * y + matrix[5])} + half,
            to.data() + 3 * width * static_cast<size_t>(y));
  }
  pixels_ = to.data();
  return true;
}

// Bilinear; a pixel outside of the image is grey.
void Augment::WarpRow(int64_t row_x, int64_t row_y, uint8_t* out) const {
  const auto width = static_cast<size_t>(width_);
  for (size_t i = 0; i < width; i++, out += 3) {
    const int64_t from_x = (row_x + column_x_[i]) >> kExtraBits;
    const int64_t from_y = (row_y + column_y_[i]) >> kExtraBits;
    const int64_t x = from_x >> kFractionBits;
    const int64_t y = from_y >> kFractionBits;
    const auto right = static_cast<int>(from_x & (kFractions - 1));
    const auto low = static_cast<int>(from_y & (kFractions - 1));
    const int weights[4] = {(kFractions - low) * (kFractions - right), (kFractions - low) * right,
                            low * (kFractions - right), low * right};
    int sums[3] = {1 << (2 * kFractionBits - 1), 1 << (2 * kFractionBits - 1),
                   1 << (2 * kFractionBits - 1)};
    for (int corner = 0; corner < 4; corner++) {
      const int64_t at_x = x + corner % 2;
      const int64_t at_y = y + corner / 2;
      if (at_x < 0 || at_y < 0 || at_x >= width_ || at_y >= height_) {
        for (int& sum : sums) {
          sum += weights[corner] * kBorder;
        }
        continue;
      }
      const uint8_t* levels =
          pixels_ + 3 * (static_cast<size_t>(at_y) * width + static_cast<size_t>(at_x));
      for (int c = 0; c < 3; c++) {
        sums[c] += weights[corner] * levels[c];
      }
    }
    for (int c = 0; c < 3; c++) {
      out[c] = static_cast<uint8_t>(sums[c] >> (2 * kFractionBits));
    }
  }
}

}  // namespace lavis4j
