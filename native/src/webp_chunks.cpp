#include "webp_chunks.h"

#include <cstring>

// Of libwebp's public interface, webp/decode.h, which Leptonica brings without its headers.
extern "C" {
int WebPGetInfo(const uint8_t* data, size_t size, int* width, int* height);
}

namespace lavis4j {
namespace {

// A file is a RIFF chunk, which holds a type and chunks; each has a name and a length.
constexpr size_t kChunkHeader = 8;
constexpr size_t kFileHeader = 12;
constexpr uint32_t kMaxLength = 0xffffffff - kChunkHeader - 1;
constexpr int64_t kMaxPixels = int64_t{1} << 32;

// In the chunk VP8X: features, three bytes of zero, width and height less one.
constexpr size_t kExtendedSize = 10;
constexpr uint8_t kAnimated = 0x02;
constexpr uint8_t kHasAlpha = 0x10;
constexpr uint8_t kKnownFeatures = 0x3e;

// In the chunk ANIM: background and number of rounds.
constexpr size_t kAnimationSize = 6;

// In the chunk ANMF: left and top halved, width and height less one, duration, flags.
constexpr size_t kFrameHeader = 16;

uint32_t Number(const uint8_t* from, int bytes) {
  uint32_t number = 0;
  for (int i = 0; i < bytes; i++) {
    number |= static_cast<uint32_t>(from[i]) << (8 * i);
  }
  return number;
}

}  // namespace

bool WebpChunks::IsCutOff(const Bytes& file) {
  return size_t{Number(file.data + 4, 4)} + kChunkHeader > file.size;
}

bool WebpChunks::Open(const Bytes& file) {
  const uint32_t length = Number(file.data + 4, 4);
  if (length < kChunkHeader || length > kMaxLength) {
    return false;
  }
  file_ = {file.data, length + kChunkHeader};
  at_ = kFileHeader;
  if (!ReadHeader()) {
    return false;
  }
  at_ = start_;
  extended_ = Is("VP8X");
  const bool known = extended_ || Is("VP8 ") || Is("VP8L");
  return known && (extended_ ? ReadExtended() : ReadStill()) && num_images_ > 0;
}

bool WebpChunks::ReadExtended() {
  if (!ReadHeader() || claimed_ != kExtendedSize) {
    return false;
  }
  features_ = file_.data[at_];
  width_ = int64_t{Number(file_.data + at_ + 4, 3)} + 1;
  height_ = int64_t{Number(file_.data + at_ + 7, 3)} + 1;
  at_ += length_;
  return width_ * height_ < kMaxPixels && (features_ & ~kKnownFeatures) == 0 && ReadChunks();
}

bool WebpChunks::ReadChunks() {
  do {
    if (!ReadHeader() || Is("VP8X")) {
      return false;
    }
    if (Is("ALPH") || Is("VP8 ") || Is("VP8L")) {
      at_ = start_;
      if (has_animation_ || (features_ & kAnimated) != 0 || !ReadStill()) {
        return false;
      }
    } else if (Is("ANMF")) {
      if (!has_animation_ || !ReadFrame()) {
        return false;
      }
    } else {
      if (Is("ANIM")) {
        if (length_ < kAnimationSize) {
          return false;
        }
        has_animation_ = true;
      }
      at_ += length_;
    }
  } while (left() > 0);
  return true;
}

// What follows a frame's image inside of its chunk is read as if it came after.
bool WebpChunks::ReadFrame() {
  if (length_ < kFrameHeader) {
    return false;
  }
  const uint8_t* header = file_.data + at_;
  const auto number = [&](int i) { return int64_t{Number(header + 3 * i, 3)}; };
  const size_t end = at_ + length_;
  at_ += kFrameHeader;
  if ((number(2) + 1) * (number(3) + 1) >= kMaxPixels || !ReadImage() || at_ > end) {
    return false;
  }
  const bool counts = (features_ & kAnimated) != 0 && (alpha_.size > 0 || image_.size > 0);
  return !counts || AddImage(2 * number(0), 2 * number(1));
}

bool WebpChunks::ReadStill() {
  if (num_images_ > 0 || !ReadImage()) {
    return false;
  }
  if ((features_ & kHasAlpha) == 0) {
    alpha_ = {};
  }
  if (!extended_) {
    width_ = image_width_;
    height_ = image_height_;
  }
  return image_width_ == width_ && image_height_ == height_ && AddImage(0, 0);
}

// Up to two chunks: alpha and image.
bool WebpChunks::ReadImage() {
  alpha_ = {};
  image_ = {};
  do {
    if (!ReadHeader()) {
      return false;
    }
    const Bytes chunk{file_.data + start_, kChunkHeader + length_};
    if (Is("ALPH") && alpha_.size == 0) {
      alpha_ = chunk;
    } else if (Is("VP8L") && alpha_.size > 0) {
      return false;  // it has an alpha of its own
    } else if ((Is("VP8 ") || Is("VP8L")) && image_.size == 0) {
      image_ = chunk;
      if (WebPGetInfo(chunk.data, chunk.size, &image_width_, &image_height_) == 0) {
        return false;
      }
    } else {
      at_ = start_;
      return true;
    }
    at_ += length_;
  } while (left() > 0);
  return true;
}

bool WebpChunks::AddImage(int64_t left, int64_t top) {
  if (image_.size == 0 || (alpha_.size > 0 && alpha_.data > image_.data) ||
      left + image_width_ > width_ || top + image_height_ > height_) {
    return false;
  }
  if (num_images_++ == 0) {
    const uint8_t* start = alpha_.size > 0 ? alpha_.data : image_.data;
    content_ = {start, static_cast<size_t>(image_.data + image_.size - start)};
    frame_ = {static_cast<int32_t>(left), static_cast<int32_t>(top), image_width_, image_height_};
  }
  return true;
}

// False where there is no chunk, or not all of it.
bool WebpChunks::ReadHeader() {
  if (left() < kChunkHeader) {
    return false;
  }
  start_ = at_;
  claimed_ = Number(file_.data + at_ + 4, 4);
  length_ = claimed_ + claimed_ % 2;
  at_ += kChunkHeader;
  return claimed_ <= kMaxLength && length_ <= left();
}

bool WebpChunks::Is(const char* name) const {
  return std::memcmp(file_.data + start_, name, 4) == 0;
}

}  // namespace lavis4j
