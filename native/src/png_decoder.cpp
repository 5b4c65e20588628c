#include "png_decoder.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace lavis4j {
namespace {

constexpr size_t kSignature = 8;

// Bytes that one byte of a compressed stream can stand for. A file that would need more lacks
// data, which is found out before there is memory for its rows.
constexpr size_t kMaxInflation = 1032;

// The passes over an interlaced image.
struct Pass {
  int first_column;
  int first_row;
  int row_step;
};
constexpr Pass kAdam7[] = {{0, 0, 8}, {4, 0, 8}, {0, 4, 8}, {2, 0, 4},
                           {0, 2, 4}, {1, 0, 2}, {0, 1, 2}};

// Whether every chunk up to the last is there.
bool IsWhole(const Bytes& file) {
  constexpr size_t kAround = 12;  // length, type and checksum
  for (size_t at = kSignature; file.size - at >= kAround;) {
    const size_t length = png_get_uint_32(file.data + at);
    if (length > file.size - at - kAround) {
      return false;
    }
    if (std::memcmp(file.data + at + 4, "IEND", 4) == 0) {
      return true;
    }
    at += kAround + length;
  }
  return false;
}

// 16-bit samples in network order; Pillow cuts them off at 255.
void ClipWideGrey(const uint8_t* samples, size_t count, uint8_t* rgb) {
  for (size_t i = 0; i < count; i++, samples += 2, rgb += 3) {
    std::memset(rgb, samples[0] > 0 ? 255 : samples[1], 3);
  }
}

}  // namespace

PngDecoder::~PngDecoder() {
  if (png_ != nullptr) {
    png_destroy_read_struct(&png_, &info_, nullptr);
  }
}

bool PngDecoder::Recognises(const Bytes& file) {
  return file.size >= kSignature && png_sig_cmp(file.data, 0, kSignature) == 0;
}

void PngDecoder::OnError(png_structp png, png_const_charp text) {
  auto* self = static_cast<PngDecoder*>(png_get_error_ptr(png));
  if (self->message_[0] == 0) {
    std::snprintf(self->message_, sizeof(self->message_), "%s", text);
  }
  std::longjmp(self->jump_, 1);
}

void PngDecoder::OnWarning(png_structp /*png*/, png_const_charp /*text*/) {}

void PngDecoder::OnRead(png_structp png, png_bytep to, size_t count) {
  auto* self = static_cast<PngDecoder*>(png_get_io_ptr(png));
  if (count > self->rest_.size) {
    self->SayCutOff(self->size_);
    png_error(png, self->message_);
  }
  std::memcpy(to, self->rest_.data, count);
  self->rest_.data += count;
  self->rest_.size -= count;
}

// Called for each row when its bytes are unpacked, before libpng reads on.
void PngDecoder::OnRow(png_structp png, png_row_infop /*info*/, png_bytep /*row*/) {
  static_cast<PngDecoder*>(png_get_user_transform_ptr(png))->rows_left_--;
}

lavis4j_image_status PngDecoder::Open(const Bytes& file) {
  size_ = file.size;
  rest_ = file;
  png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, OnError, OnWarning);
  info_ = png_ == nullptr ? nullptr : png_create_info_struct(png_);
  if (info_ == nullptr) {
    return LAVIS4J_IMAGE_NO_MEMORY;
  }
  if (setjmp(jump_) != 0) {
    return LAVIS4J_IMAGE_BROKEN;
  }
  png_set_read_fn(png_, this, OnRead);
  png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // CheckSize has a limit for both
  if (!IsWhole(file)) {
    // Byte by byte, to get all that there is of a chunk that is cut off.
    png_set_compression_buffer_size(png_, 1);
  }
  png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_read_info(png_, info_);
  // The checksums of the pixels' chunks do not count, as in Pillow: the pixels have one of their
  // own.
  png_set_crc_action(png_, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
  const lavis4j_image_status status =
      CheckSize(png_get_image_width(png_, info_), png_get_image_height(png_, info_));
  if (status == LAVIS4J_IMAGE_OK &&
      png_get_rowbytes(png_, info_) * static_cast<size_t>(height_) / kMaxInflation > file.size) {
    SayCutOff(file.size);
    return LAVIS4J_IMAGE_BROKEN;
  }
  return status;
}

lavis4j_image_status PngDecoder::Select(const lavis4j_image_box& part) {
  part_ = part;
  rows_left_ = RowsToUnpack();
  if (setjmp(jump_) != 0) {
    next_ = part_.top;
    return AfterJump();
  }
  const int colour_type = png_get_color_type(png_, info_);
  const int depth = png_get_bit_depth(png_, info_);
  wide_grey_ = colour_type == PNG_COLOR_TYPE_GRAY && depth == 16;
  if (!wide_grey_) {
    png_set_strip_16(png_);
    png_set_palette_to_rgb(png_);
    if ((colour_type & PNG_COLOR_MASK_COLOR) == 0) {
      png_set_expand_gray_1_2_4_to_8(png_);
      png_set_gray_to_rgb(png_);
    }
    png_set_strip_alpha(png_);
  }
  png_set_read_user_transform_fn(png_, OnRow);
  png_set_user_transform_info(png_, this, 0, 0);
  interlaced_ = png_set_interlace_handling(png_) > 1;
  png_read_update_info(png_, info_);
  line_size_ = png_get_rowbytes(png_, info_);
  if (interlaced_) {
    return ReadInterlaced();
  }
  if (!line_.Reserve(line_size_)) {
    return LAVIS4J_IMAGE_NO_MEMORY;
  }
  while (next_ < part.top) {
    ReadRow();
  }
  return LAVIS4J_IMAGE_OK;
}

// In all passes over the image.
int64_t PngDecoder::RowsToUnpack() const {
  if (png_get_interlace_type(png_, info_) == PNG_INTERLACE_NONE) {
    return height_;
  }
  int64_t rows = 0;
  for (const Pass& pass : kAdam7) {
    if (width_ > pass.first_column && height_ > pass.first_row) {
      rows += (height_ - pass.first_row + pass.row_step - 1) / pass.row_step;
    }
  }
  return rows;
}

// An error after the last pixel does not matter, as in Pillow.
lavis4j_image_status PngDecoder::AfterJump() const {
  return rows_left_ > 0 ? LAVIS4J_IMAGE_BROKEN : LAVIS4J_IMAGE_OK;
}

void PngDecoder::ReadRow() {
  next_++;
  png_read_row(png_, line_.data(), nullptr);
}

lavis4j_image_status PngDecoder::ReadInterlaced() {
  const auto height = static_cast<size_t>(height_);
  if (!image_.Reserve(height * line_size_) || !image_rows_.Reserve(height)) {
    return LAVIS4J_IMAGE_NO_MEMORY;
  }
  for (size_t y = 0; y < height; y++) {
    image_rows_[y] = image_.data() + y * line_size_;
  }
  png_read_image(png_, image_rows_.data());
  next_ = part_.top;
  return LAVIS4J_IMAGE_OK;
}

lavis4j_image_status PngDecoder::Read(uint8_t* rows, size_t stride, int count) {
  for (int i = 0; i < count; i++) {
    const uint8_t* line = line_.data();
    if (interlaced_) {
      line = image_rows_[static_cast<size_t>(next_++)];
    } else if (ReadLine() != LAVIS4J_IMAGE_OK) {
      return LAVIS4J_IMAGE_BROKEN;
    }
    const auto left = static_cast<size_t>(part_.left);
    const auto width = static_cast<size_t>(part_.width);
    uint8_t* row = rows + static_cast<size_t>(i) * stride;
    if (wide_grey_) {
      ClipWideGrey(line + 2 * left, width, row);
    } else {
      std::memcpy(row, line + 3 * left, 3 * width);
    }
  }
  return LAVIS4J_IMAGE_OK;
}

lavis4j_image_status PngDecoder::ReadLine() {
  if (setjmp(jump_) != 0) {
    return AfterJump();
  }
  ReadRow();
  return LAVIS4J_IMAGE_OK;
}

lavis4j_image_status PngDecoder::Finish() {
  if (setjmp(jump_) != 0) {
    return AfterJump();
  }
  while (!interlaced_ && next_ < height_) {
    ReadRow();
  }
  return LAVIS4J_IMAGE_OK;
}

}  // namespace lavis4j
