#include "png_decoder.h"

#include <algorithm>
#include <cstring>

namespace lavis4j {
namespace {

constexpr uint8_t kSignature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

constexpr int kGrey = 0;
constexpr int kRgb = 2;
constexpr int kPalette = 3;
constexpr int kGreyAlpha = 4;

// Bytes that one byte of a compressed stream can stand for. A file that would need more lacks
// data, which is found out before there is memory for its rows.
constexpr size_t kMaxInflation = 1032;

// The passes over an interlaced image.
struct Pass {
  int first_column;
  int first_row;
  int column_step;
  int row_step;
};
constexpr Pass kAdam7[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                           {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

int CountOf(int size, int first, int step) {
  return size <= first ? 0 : (size - first + step - 1) / step;
}

int Channels(int colour_type) {
  switch (colour_type) {
    case kRgb:
      return 3;
    case kGrey:
    case kPalette:
      return 1;
    case kGreyAlpha:
      return 2;
    default:
      return 4;
  }
}

}  // namespace

bool PngDecoder::Recognises(const Bytes& file) {
  return file.size >= sizeof(kSignature) &&
         std::memcmp(file.data, kSignature, sizeof(kSignature)) == 0;
}

lavis4j_image_status PngDecoder::Open(const Bytes& file) {
  if (!chunks_.Open(file, message_)) {
    return LAVIS4J_IMAGE_BROKEN;
  }
  const lavis4j_image_status status = CheckSize(chunks_.width(), chunks_.height());
  if (status != LAVIS4J_IMAGE_OK) {
    return status;
  }
  bits_ = chunks_.depth() * Channels(chunks_.colour_type());
  const lavis4j_image_box& frame = chunks_.frame();
  if (BytesOf(frame.width) * static_cast<size_t>(frame.height) / kMaxInflation > file.size) {
    SayCutOff(file.size);
    return LAVIS4J_IMAGE_BROKEN;
  }
  if (chunks_.colour_type() == kPalette) {
    const Bytes& palette = chunks_.palette();
    std::copy(palette.data, palette.data + palette.size / 3 * 3, palette_);
  }
  return LAVIS4J_IMAGE_OK;
}

size_t PngDecoder::BytesOf(int columns) const {
  return (static_cast<size_t>(columns) * static_cast<size_t>(bits_) + 7) / 8;
}

lavis4j_image_status PngDecoder::Select(const lavis4j_image_box& part) {
  part_ = part;
  const lavis4j_image_status status =
      rows_.Begin(&chunks_, BytesOf(chunks_.frame().width), bits_, message_);
  if (status != LAVIS4J_IMAGE_OK || chunks_.interlaced()) {
    return status == LAVIS4J_IMAGE_OK ? ReadInterlaced() : status;
  }
  while (next_ < part.top) {
    const lavis4j_image_status skipped = ReadLine(nullptr);
    if (skipped != LAVIS4J_IMAGE_OK) {
      return skipped;
    }
  }
  return LAVIS4J_IMAGE_OK;
}

lavis4j_image_status PngDecoder::ReadInterlaced() {
  const lavis4j_image_box& frame = chunks_.frame();
  const auto pixels = static_cast<size_t>(width_) * static_cast<size_t>(height_);
  if (!image_.Reserve(3 * pixels) || !line_.Reserve(3 * static_cast<size_t>(frame.width))) {
    return LAVIS4J_IMAGE_NO_MEMORY;
  }
  Clear(pixels, image_.data());
  for (const Pass& pass : kAdam7) {
    const int columns = CountOf(frame.width, pass.first_column, pass.column_step);
    rows_.BeginPass();
    for (int y = pass.first_row; columns > 0 && y < frame.height; y += pass.row_step) {
      const lavis4j_image_status status = rows_.Next(BytesOf(columns));
      if (status != LAVIS4J_IMAGE_OK || rows_.row() == nullptr) {
        return status;
      }
      Convert(rows_.row(), 0, columns, line_.data());
      // Pillow does not move an interlaced frame to its place
      const size_t start = static_cast<size_t>(y) * static_cast<size_t>(width_) +
                           static_cast<size_t>(pass.first_column);
      for (size_t i = 0; i < static_cast<size_t>(columns); i++) {
        std::memcpy(image_.data() + 3 * (start + i * static_cast<size_t>(pass.column_step)),
                    line_.data() + 3 * i, 3);
      }
    }
  }
  return LAVIS4J_IMAGE_OK;
}

lavis4j_image_status PngDecoder::Read(uint8_t* rows, size_t stride, int count) {
  for (int i = 0; i < count; i++) {
    uint8_t* row = rows + static_cast<size_t>(i) * stride;
    if (!chunks_.interlaced()) {
      const lavis4j_image_status status = ReadLine(row);
      if (status != LAVIS4J_IMAGE_OK) {
        return status;
      }
      continue;
    }
    const size_t start = static_cast<size_t>(part_.top + next_++) * static_cast<size_t>(width_) +
                         static_cast<size_t>(part_.left);
    std::memcpy(row, image_.data() + 3 * start, 3 * static_cast<size_t>(part_.width));
  }
  return LAVIS4J_IMAGE_OK;
}

// The part's columns of the next row; none are converted to null.
lavis4j_image_status PngDecoder::ReadLine(uint8_t* rgb) {
  const lavis4j_image_box& frame = chunks_.frame();
  const int y = next_++ - frame.top;
  const uint8_t* row = nullptr;
  if (y >= 0 && y < frame.height) {
    const lavis4j_image_status status = rows_.Next(BytesOf(frame.width));
    if (status != LAVIS4J_IMAGE_OK) {
      return status;
    }
    row = rows_.row();
  }
  if (rgb == nullptr) {
    return LAVIS4J_IMAGE_OK;
  }
  const int from = std::max(part_.left, frame.left);
  const int to = std::min(part_.left + part_.width, frame.left + frame.width);
  if (row == nullptr || to - from < part_.width) {
    Clear(static_cast<size_t>(part_.width), rgb);
  }
  if (row != nullptr && from < to) {
    Convert(row, from - frame.left, to - from, rgb + 3 * static_cast<size_t>(from - part_.left));
  }
  return LAVIS4J_IMAGE_OK;
}

// What pixels without data become.
void PngDecoder::Clear(size_t count, uint8_t* rgb) const {
  for (size_t i = 0; i < count; i++) {
    std::memcpy(rgb + 3 * i, palette_, 3);
  }
}

// The pixels of a row from a column on.
void PngDecoder::Convert(const uint8_t* row, int from, int count, uint8_t* rgb) const {
  const auto pixels = static_cast<size_t>(count);
  if (bits_ < 8) {
    ConvertLevels(row, from, count, rgb);
    return;
  }
  const auto pixel = static_cast<size_t>(bits_) / 8;
  const size_t sample = chunks_.depth() == 16 ? 2 : 1;
  const size_t channel = (chunks_.colour_type() & kRgb) == 0 ? 0 : sample;  // one after the other
  const uint8_t* in = row + static_cast<size_t>(from) * pixel;
  if (chunks_.colour_type() == kPalette) {
    for (size_t i = 0; i < pixels; i++) {
      std::memcpy(rgb + 3 * i, palette_ + 3 * size_t{in[i]}, 3);
    }
  } else if (pixel == 3) {
    std::memcpy(rgb, in, 3 * pixels);
  } else if (sample == 2 && chunks_.colour_type() == kGrey) {
    for (size_t i = 0; i < pixels; i++) {
      std::memset(rgb + 3 * i, in[2 * i] > 0 ? 255 : in[2 * i + 1], 3);
    }
  } else {
    for (size_t i = 0; i < pixels; i++, in += pixel) {
      rgb[3 * i] = in[0];
      rgb[3 * i + 1] = in[channel];
      rgb[3 * i + 2] = in[2 * channel];
    }
  }
}

// Several pixels in a byte, the first in the highest bits.
void PngDecoder::ConvertLevels(const uint8_t* row, int from, int count, uint8_t* rgb) const {
  const auto bits = static_cast<unsigned>(bits_);
  const unsigned most = (1U << bits) - 1;
  for (unsigned i = 0; i < static_cast<unsigned>(count); i++) {
    const unsigned bit = (static_cast<unsigned>(from) + i) * bits;
    const unsigned level = (row[bit / 8] >> (8 - bits - bit % 8)) & most;
    if (chunks_.colour_type() == kPalette) {
      std::memcpy(rgb + 3 * i, palette_ + 3 * level, 3);
    } else {
      std::memset(rgb + 3 * i, static_cast<int>(level * (255 / most)), 3);
    }
  }
}

lavis4j_image_status PngDecoder::Finish() {
  while (!chunks_.interlaced() && next_ < height_) {
    const lavis4j_image_status status = ReadLine(nullptr);
    if (status != LAVIS4J_IMAGE_OK) {
      return status;
    }
  }
  return chunks_.Finish() ? LAVIS4J_IMAGE_OK : LAVIS4J_IMAGE_BROKEN;
}

}  // namespace lavis4j
