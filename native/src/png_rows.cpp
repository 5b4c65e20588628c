#include "png_rows.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace lavis4j {
namespace {

// The filters, by the first byte of a row.
constexpr uint8_t kNone = 0;
constexpr uint8_t kSub = 1;
constexpr uint8_t kUp = 2;
constexpr uint8_t kAverage = 3;
constexpr uint8_t kPaeth = 4;

uint8_t Sum(int a, int b) { return static_cast<uint8_t>(a + b); }

// Of left, above and above left, the one that is nearest to left + above - above left.
int Nearest(int left, int above, int corner) {
  const int to_left = std::abs(above - corner);
  const int to_above = std::abs(left - corner);
  const int to_corner = std::abs(left + above - 2 * corner);
  if (to_left <= to_above && to_left <= to_corner) {
    return left;
  }
  return to_above <= to_corner ? above : corner;
}

// Undoes a row's filter; false for an unknown one. What lies before the first pixel is zero.
template <size_t kPixel>
bool Undo(uint8_t filter, uint8_t* row, const uint8_t* above, size_t size) {
  const size_t first = std::min(kPixel, size);
  switch (filter) {
    case kNone:
      return true;
    case kSub:
      for (size_t i = first; i < size; i++) {
        row[i] = Sum(row[i], row[i - kPixel]);
      }
      return true;
    case kUp:
      for (size_t i = 0; i < size; i++) {
        row[i] = Sum(row[i], above[i]);
      }
      return true;
    case kAverage:
      for (size_t i = 0; i < first; i++) {
        row[i] = Sum(row[i], above[i] / 2);
      }
      for (size_t i = first; i < size; i++) {
        row[i] = Sum(row[i], (row[i - kPixel] + above[i]) / 2);
      }
      return true;
    case kPaeth:
      for (size_t i = 0; i < first; i++) {
        row[i] = Sum(row[i], above[i]);
      }
      for (size_t i = first; i < size; i++) {
        row[i] = Sum(row[i], Nearest(row[i - kPixel], above[i], above[i - kPixel]));
      }
      return true;
    default:
      return false;
  }
}

bool Undo(size_t pixel, uint8_t filter, uint8_t* row, const uint8_t* above, size_t size) {
  switch (pixel) {
    case 1:
      return Undo<1>(filter, row, above, size);
    case 2:
      return Undo<2>(filter, row, above, size);
    case 3:
      return Undo<3>(filter, row, above, size);
    case 4:
      return Undo<4>(filter, row, above, size);
    case 6:
      return Undo<6>(filter, row, above, size);
    default:
      return Undo<8>(filter, row, above, size);
  }
}

}  // namespace

PngRows::~PngRows() {
  if (begun_) {
    inflateEnd(&zlib_);
  }
}

lavis4j_image_status PngRows::Begin(PngChunks* chunks, size_t largest, int bits_per_pixel,
                                    char* message) {
  chunks_ = chunks;
  message_ = message;
  pixel_ = static_cast<size_t>(bits_per_pixel + 7) / 8;
  begun_ = inflateInit(&zlib_) == Z_OK;
  return begun_ && row_.Reserve(largest + 1) && before_.Reserve(largest + 1)
             ? LAVIS4J_IMAGE_OK
             : LAVIS4J_IMAGE_NO_MEMORY;
}

void PngRows::BeginPass() {
  // the row that was read last becomes the one before
  std::memset(row_.data(), 0, row_.size());
}

lavis4j_image_status PngRows::Next(size_t size) {
  ended_ = ends_;
  if (ended_) {
    return LAVIS4J_IMAGE_OK;
  }
  row_.Swap(&before_);
  const lavis4j_image_status status = Fill(size + 1);
  if (status != LAVIS4J_IMAGE_OK) {
    return status;
  }
  const uint8_t filter = row_[0];
  if (!Undo(pixel_, filter, row_.data() + 1, before_.data() + 1, size)) {
    std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE,
                  "a row of it has the unknown filter %d, expected 0 to 4", filter);
    return LAVIS4J_IMAGE_BROKEN;
  }
  return LAVIS4J_IMAGE_OK;
}

// Unpacks as many bytes.
lavis4j_image_status PngRows::Fill(size_t size) {
  zlib_.next_out = row_.data();
  zlib_.avail_out = static_cast<uInt>(size);
  while (zlib_.avail_out > 0) {
    if (zlib_.avail_in == 0) {
      const Bytes piece = chunks_->Next();
      if (piece.size == 0) {
        return LAVIS4J_IMAGE_BROKEN;
      }
      zlib_.next_in = const_cast<Bytef*>(piece.data);
      zlib_.avail_in = static_cast<uInt>(piece.size);
    }
    const int code = inflate(&zlib_, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR) {
      return LAVIS4J_IMAGE_NO_MEMORY;
    }
    if (code < 0) {
      return Damaged(zlib_.msg == nullptr ? "inconsistent" : zlib_.msg);
    }
    ends_ = code == Z_STREAM_END;
    if (zlib_.avail_out > 0) {
      zlib_.avail_in = 0;  // what follows the stream's end
    }
  }
  return LAVIS4J_IMAGE_OK;
}

lavis4j_image_status PngRows::Damaged(const char* why) {
  std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE, "its compressed pixels are damaged: %s", why);
  return LAVIS4J_IMAGE_BROKEN;
}

}  // namespace lavis4j
