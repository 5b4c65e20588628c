#include "png_chunks.h"

#include <zlib.h>

#include <algorithm>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace lavis4j {
namespace {

constexpr size_t kSignature = 8;
constexpr size_t kHeader = 8;  // length and name
constexpr size_t kChecksum = 4;
constexpr size_t kFrameNumber = 4;
constexpr size_t kMaxPalette = 256;
constexpr int64_t kMaxFrames = 0x80000000;

// As many bytes as Pillow gives zlib at once. A stream's checksum counts if it comes with the last
// row.
constexpr size_t kPiece = 65536;

struct Length {
  const char* name;
  size_t least;
};
constexpr Length kLengths[] = {{"IHDR", 13}, {"gAMA", 4}, {"cHRM", 32}, {"sRGB", 1},
                               {"pHYs", 9},  {"acTL", 8}, {"fcTL", 26}};

int64_t Word(const uint8_t* from) {
  return int64_t{from[0]} << 24 | int64_t{from[1]} << 16 | int64_t{from[2]} << 8 | int64_t{from[3]};
}

bool IsName(const uint8_t* from) {
  return std::all_of(from, from + 4, [](uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  });
}

size_t LeastTransparency(int colour_type) {
  return colour_type == 2 ? 6 : colour_type == 0 ? 2 : 0;
}

// After a title and a zero comes the method of compression; a text may end before.
bool IsDeflated(const Bytes& content, bool profile) {
  const uint8_t* end = content.data + content.size;
  const uint8_t* zero = std::find(content.data, end, uint8_t{0});
  if (zero == end) {
    return !profile || (content.size > 0 && content.data[0] == 0);
  }
  return zero + 1 == end ? !profile : zero[1] == 0;
}

bool IsKind(int depth, int colour_type) {
  switch (colour_type) {
    case 0:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case 3:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case 2:
    case 4:
    case 6:
      return depth == 8 || depth == 16;
    default:
      return false;
  }
}

}  // namespace

bool PngChunks::Open(const Bytes& file, char* message) {
  file_ = file;
  message_ = message;
  at_ = kSignature;
  for (;;) {
    if (!ReadHeader()) {
      return RefuseWhatFollows();
    }
    if (Is("IEND")) {
      return Refuse("comes before the pixels");
    }
    if (depth_ != 0 && Is("IDAT")) {
      default_image_ = num_frames_ > 0 && !has_frame_;
      break;
    }
    if (Is("fdAT")) {
      if (!ReadFrameNumber()) {
        return false;
      }
      break;
    }
    Bytes content;
    if (!ReadContent(&content) || file_.size - at_ < kChecksum) {
      return RefuseCutOff();
    }
    if (!Take(content)) {
      return false;
    }
    const auto sum = static_cast<int64_t>(crc32_z(0, content.data - 4, content.size + 4));
    if (sum != Word(file_.data + at_)) {
      return Refuse("has a wrong checksum");
    }
    SkipChecksum();
  }
  left_ = length_;
  return depth_ == 0 ? Refuse("comes before the header") : PlaceFrame();
}

Bytes PngChunks::Next() {
  while (left_ == 0) {
    SkipChecksum();
    if (!ReadHeader()) {
      RefuseWhatFollows();
      return {};
    }
    if (Is("fdAT")) {
      if (!ReadFrameNumber()) {
        return {};
      }
    } else if (!Is("IDAT") && !Is("DDAT")) {
      Refuse("comes before the last row");
      return {};
    }
    left_ = length_;
  }
  const size_t wanted = std::min(left_, kPiece);
  const Bytes piece{file_.data + at_, std::min(wanted, file_.size - at_)};
  left_ -= wanted;
  at_ += piece.size;
  if (piece.size == 0) {
    RefuseCutOff();
  }
  return piece;
}

bool PngChunks::Finish() {
  const bool animated = num_frames_ + (default_image_ ? 1 : 0) > 1;
  at_ += std::min(left_, file_.size - at_);
  left_ = 0;
  for (;;) {
    SkipChecksum();
    if (!ReadHeader() || Is("IEND") || (animated && Is("fcTL"))) {
      return true;
    }
    const bool pixels = Is("IDAT") || Is("fdAT");
    if (Is("fdAT") && !ReadFrameNumber()) {
      return false;
    }
    Bytes content;
    if (!ReadContent(&content)) {
      return RefuseCutOff();
    }
    if (!pixels && !Take(content)) {
      return false;
    }
  }
}

// False where the file ends, and where no name follows.
bool PngChunks::ReadHeader() {
  if (file_.size - at_ < kHeader || !IsName(file_.data + at_ + 4)) {
    return false;
  }
  start_ = at_;
  length_ = static_cast<size_t>(Word(file_.data + at_));
  at_ += kHeader;
  return true;
}

bool PngChunks::ReadContent(Bytes* content) {
  if (length_ > file_.size - at_) {
    return false;
  }
  *content = {file_.data + at_, length_};
  at_ += length_;
  return true;
}

// The number that comes before a frame's compressed pixels.
bool PngChunks::ReadFrameNumber() {
  if (length_ < kFrameNumber) {
    return Refuse("has %zu bytes, expected at least %zu", length_, kFrameNumber);
  }
  if (file_.size - at_ < kFrameNumber) {
    return RefuseCutOff();
  }
  if (next_frame_number_ == 0) {
    return Refuse("comes before its frame's header");
  }
  if (!IsFrameNumber(file_.data + at_)) {
    return false;
  }
  at_ += kFrameNumber;
  length_ -= kFrameNumber;
  return true;
}

bool PngChunks::Take(const Bytes& content) {
  size_t least = Is("tRNS") && depth_ != 0 ? LeastTransparency(colour_type_) : 0;
  for (const Length& length : kLengths) {
    least = Is(length.name) ? length.least : least;
  }
  if (content.size < least) {
    return Refuse("has %zu bytes, expected at least %zu", content.size, least);
  }
  if (Is("IHDR")) {
    return TakeHeader(content);
  }
  if (Is("PLTE") && colour_type_ == 3) {
    palette_ = content;
  } else if ((Is("zTXt") || Is("iCCP")) && !IsDeflated(content, Is("iCCP"))) {
    return Refuse("has an unknown compression, expected 0");
  } else if (Is("acTL")) {
    const int64_t frames = Word(content.data);
    num_frames_ = num_frames_ > 0 || frames > kMaxFrames ? 0 : frames;
  } else if (Is("fcTL")) {
    return TakeFrame(content);
  }
  return true;
}

bool PngChunks::TakeHeader(const Bytes& content) {
  width_ = Word(content.data);
  height_ = Word(content.data + 4);
  if (IsKind(content.data[8], content.data[9])) {
    depth_ = content.data[8];
    colour_type_ = content.data[9];
  }
  interlaced_ = interlaced_ || content.data[12] != 0;
  return content.data[11] == 0 || Refuse("has the filter method %d, expected 0", content.data[11]);
}

bool PngChunks::TakeFrame(const Bytes& content) {
  if (!IsFrameNumber(content.data)) {
    return false;
  }
  place_[0] = Word(content.data + 12);
  place_[1] = Word(content.data + 16);
  place_[2] = Word(content.data + 4);
  place_[3] = Word(content.data + 8);
  has_frame_ = true;
  return IsFrameInside();
}

bool PngChunks::IsFrameInside() {
  if (place_[0] + place_[2] <= width_ && place_[1] + place_[3] <= height_) {
    return true;
  }
  std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE,
                "its frame of %" PRId64 " x %" PRId64 " pixels at (%" PRId64 ", %" PRId64
                ") is outside of its %" PRId64 " x %" PRId64 " pixels",
                place_[2], place_[3], place_[0], place_[1], width_, height_);
  return false;
}

// Frames' headers and pixels are numbered together.
bool PngChunks::IsFrameNumber(const uint8_t* from) {
  if (Word(from) != next_frame_number_) {
    return Refuse("has the number %" PRId64 " in its animation, expected %" PRId64, Word(from),
                  next_frame_number_);
  }
  next_frame_number_++;
  return true;
}

bool PngChunks::PlaceFrame() {
  if (palette_.size / 3 > kMaxPalette) {
    std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE,
                  "its palette has %zu entries, expected at most 256", palette_.size / 3);
    return false;
  }
  if (!has_frame_) {
    place_[2] = width_;
    place_[3] = height_;
  } else if (!IsFrameInside()) {
    return false;
  } else if (place_[2] == 0 || place_[3] == 0) {
    std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE, "its first frame is empty");
    return false;
  }
  // inside of the image, whose size is yet to be checked
  const auto number = [this](int i) { return static_cast<int32_t>(place_[i]); };
  frame_ = {number(0), number(1), number(2), number(3)};
  return true;
}

void PngChunks::SkipChecksum() { at_ += std::min(kChecksum, file_.size - at_); }

bool PngChunks::Is(const char* name) const {
  return std::memcmp(file_.data + start_ + 4, name, 4) == 0;
}

// The message begins with the chunk.
bool PngChunks::Refuse(const char* format, ...) {
  char what[LAVIS4J_IMAGE_MESSAGE_SIZE / 2];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(what, sizeof(what), format, arguments);
  va_end(arguments);
  std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE, "its chunk %.4s at byte %zu %s",
                reinterpret_cast<const char*>(file_.data) + start_ + 4, start_, what);
  return false;
}

bool PngChunks::RefuseCutOff() {
  std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE, "it is cut off after %zu bytes", file_.size);
  return false;
}

bool PngChunks::RefuseWhatFollows() {
  if (file_.size - at_ < kHeader) {
    return RefuseCutOff();
  }
  std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE, "there is no chunk at its byte %zu", at_);
  return false;
}

}  // namespace lavis4j
