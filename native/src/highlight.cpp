#include "highlight.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace lavis4j {
namespace {

// How far two aspect ratios may differ, as a part of the larger, for boxes to be scaled.
constexpr double kAspectTolerance = 0.01;

constexpr int64_t kOutlineWidth = 3;

// Fill #ff05cd with alpha 60, outline #05ff37 without transparency, cover #7B7575.
constexpr int kFill[3] = {0xff, 0x05, 0xcd};
constexpr int kFillAlpha = 60;
constexpr uint8_t kOutline[3] = {0x05, 0xff, 0x37};
constexpr uint8_t kCover[3] = {0x7b, 0x75, 0x75};

bool Scales(const lavis4j_image_regions& regions, int width, int height) {
  if (regions.declared_width <= 0 || regions.declared_height <= 0) {
    return false;
  }
  const double a = static_cast<double>(regions.declared_width) * height;
  const double b = static_cast<double>(regions.declared_height) * width;
  return std::abs(a - b) <= kAspectTolerance * std::max(a, b);
}

int64_t FloorOf(int64_t x, int64_t divisor) { return (x < 0 ? x - divisor + 1 : x) / divisor; }

// Of the pixels that reduced pixel i is made of, how many of an axis lie between x0 and x1.
int64_t Covered(int64_t x0, int64_t x1, int64_t i, int64_t reduction) {
  return std::max<int64_t>(std::min(x1 + 1, (i + 1) * reduction) - std::max(x0, i * reduction), 0);
}

int64_t RoundHalfUp(double x) { return static_cast<int64_t>(std::floor(x + 0.5)); }

// Of columns x0 to x1 those inside [first, first + count), in the outline's colour.
void Outline(int64_t x0, int64_t x1, uint8_t* drawn, int64_t first, int64_t count) {
  const int64_t end = std::min(x1 + 1, first + count);
  for (int64_t x = std::max(x0, first); x < end; x++) {
    std::memcpy(drawn + 3 * (x - first), kOutline, 3);
  }
}

}  // namespace

bool Highlight::Begin(const lavis4j_image_regions& regions, int width, int height, int reduction) {
  reduction_ = reduction;
  mode_ = regions.mode;
  num_boxes_ = 0;
  if (mode_ == LAVIS4J_REGIONS_NONE) {
    return true;
  }
  if (!boxes_.Reserve(static_cast<size_t>(regions.num_boxes))) {
    return regions.num_boxes == 0;
  }
  const bool scales = Scales(regions, width, height);
  const double scale_x = scales ? static_cast<double>(width) / regions.declared_width : 1;
  const double scale_y = scales ? static_cast<double>(height) / regions.declared_height : 1;
  for (int32_t i = 0; i < regions.num_boxes; i++) {
    const lavis4j_image_box& box = regions.boxes[i];
    const int64_t right = static_cast<int64_t>(box.left) + box.width;
    const int64_t bottom = static_cast<int64_t>(box.top) + box.height;
    const Corners corners{RoundHalfUp(box.left * scale_x), RoundHalfUp(box.top * scale_y),
                          RoundHalfUp(static_cast<double>(right) * scale_x),
                          RoundHalfUp(static_cast<double>(bottom) * scale_y)};
    if (corners.x1 >= corners.x0 && corners.y1 >= corners.y0) {
      boxes_[static_cast<size_t>(num_boxes_++)] = corners;
    }
  }
  // The fill over every level, in the integers that Pillow's alpha_composite computes in.
  for (int c = 0; c < 3; c++) {
    for (int level = 0; level < 256; level++) {
      const int sum = (kFill[c] * kFillAlpha + level * (255 - kFillAlpha) + 128) << 7;
      veil_[c][level] = static_cast<uint8_t>(((sum + (sum >> 8)) >> 8) >> 7);
    }
  }
  return true;
}

bool Highlight::Draw(uint8_t* row, int y, int first, int count) {
  if (mode_ == LAVIS4J_REGIONS_NONE || (num_boxes_ == 0 && mode_ != LAVIS4J_REGIONS_BLACKOUT)) {
    return true;
  }
  // A later box replaces an earlier one: every pixel is made from the image's own.
  const size_t length = 3 * static_cast<size_t>(count);
  if (!before_.Reserve(length)) {
    return false;
  }
  std::memcpy(before_.data(), row, length);
  if (mode_ == LAVIS4J_REGIONS_BLACKOUT) {
    std::memset(row, 0, length);
  }
  for (int32_t i = 0; i < num_boxes_; i++) {
    const Row rows{before_.data(), row, first, count};
    if (reduction_ == 1) {
      DrawBox(boxes_[static_cast<size_t>(i)], y, rows);
    } else {
      DrawReducedBox(boxes_[static_cast<size_t>(i)], y, rows);
    }
  }
  return true;
}

void Highlight::DrawBox(const Corners& box, int64_t y, const Row& row) const {
  if (y >= box.y0 && y <= box.y1) {
    Fill(box, row);
  }
  if (mode_ != LAVIS4J_REGIONS_HIGHLIGHT) {
    return;
  }
  // Columns end before the lower rows; in a low box they run upwards instead and leave it.
  const int64_t start = box.y0 + kOutlineWidth;
  const int64_t end = box.y1 - kOutlineWidth + 1;
  const bool down = start <= end;
  const bool in_columns = down ? start <= y && y < end : end < y && y <= start;
  for (int64_t i = 0; i < kOutlineWidth; i++) {
    if (y == box.y0 + i || y == box.y1 - i) {
      Outline(box.x0, box.x1, row.drawn, row.first, row.count);
    }
    if (in_columns) {
      Outline(box.x0 + i, box.x0 + i, row.drawn, row.first, row.count);
      Outline(box.x1 - i, box.x1 - i, row.drawn, row.first, row.count);
    }
  }
}

void Highlight::Fill(const Corners& box, const Row& row) const {
  const int64_t start = std::max(box.x0, row.first);
  const int64_t end = std::min(box.x1 + 1, row.first + row.count);
  const uint8_t* from = row.before + 3 * (start - row.first);
  uint8_t* to = row.drawn + 3 * (start - row.first);
  for (int64_t x = start; x < end; x++, from += 3, to += 3) {
    for (int c = 0; c < 3; c++) {
      to[c] = mode_ == LAVIS4J_REGIONS_HIGHLIGHT ? veil_[c][from[c]]
              : mode_ == LAVIS4J_REGIONS_HIDE    ? kCover[c]
                                                 : from[c];
    }
  }
}

// The parts of a reduced pixel outside of the box, in its frame and inside the frame add up to the
// squared reduction. Frames of boxes too low for two bars fill them.
void Highlight::DrawReducedBox(const Corners& box, int64_t y, const Row& row) const {
  const bool framed = mode_ == LAVIS4J_REGIONS_HIGHLIGHT;
  const int64_t frame = framed ? kOutlineWidth : 0;
  const int64_t rows = Covered(box.y0, box.y1, y, reduction_);
  const int64_t inner_rows = Covered(box.y0 + frame, box.y1 - frame, y, reduction_);
  const int64_t whole = reduction_ * reduction_;
  if (rows == 0) {
    return;
  }
  const int64_t start = std::max(FloorOf(box.x0, reduction_), row.first);
  const int64_t end = std::min(FloorOf(box.x1, reduction_) + 1, row.first + row.count);
  for (int64_t x = start; x < end; x++) {
    const int64_t box_part = rows * Covered(box.x0, box.x1, x, reduction_);
    const int64_t inner = inner_rows * Covered(box.x0 + frame, box.x1 - frame, x, reduction_);
    const uint8_t* before = row.before + 3 * (x - row.first);
    uint8_t* to = row.drawn + 3 * (x - row.first);
    for (int c = 0; c < 3; c++) {
      const int64_t inside = framed                          ? veil_[c][before[c]]
                             : mode_ == LAVIS4J_REGIONS_HIDE ? kCover[c]
                                                             : before[c];
      const int64_t sum = to[c] * (whole - box_part) + kOutline[c] * (box_part - inner) +
                          inside * inner + whole / 2;
      to[c] = static_cast<uint8_t>(sum / whole);
    }
  }
}

}  // namespace lavis4j
