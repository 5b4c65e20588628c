#include "jpeg_segments.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace lavis4j {
namespace {

constexpr uint8_t kMarker = 0xff;
constexpr uint8_t kStuffing = 0x00;
constexpr uint8_t kFirstSegment = 0xc0;
constexpr uint8_t kHuffmanTables = 0xc4;
constexpr uint8_t kExtension = 0xc8;
constexpr uint8_t kArithmeticTables = 0xcc;
constexpr uint8_t kLastFrame = 0xcf;
constexpr uint8_t kFirstBare = 0xd0;
constexpr uint8_t kLastBare = 0xd9;
constexpr uint8_t kStartOfScan = 0xda;
constexpr uint8_t kQuantisation = 0xdb;
constexpr uint8_t kHierarchy = 0xde;
constexpr uint8_t kJfif = 0xe0;
constexpr uint8_t kProfile = 0xe2;
constexpr uint8_t kPhotoshop = 0xed;
constexpr uint8_t kAdobe = 0xee;
constexpr uint8_t kFirstReserved = 0xf0;
constexpr uint8_t kLastReserved = 0xfd;

constexpr size_t kVersionEnd = 7;      // of JFIF's and Adobe's segments
constexpr size_t kProfileHeader = 14;  // name, number of the part, number of parts
constexpr size_t kFrameHeader = 6;     // precision, height, width, components
constexpr size_t kComponent = 3;
constexpr unsigned kResolution = 0x3ed;  // a resource of Photoshop's
constexpr size_t kResolutionSize = 14;

unsigned Word(const uint8_t* from) { return static_cast<unsigned>(from[0] << 8 | from[1]); }

bool BeginsWith(const Bytes& bytes, const char* text, size_t size) {
  return bytes.size >= size && std::memcmp(bytes.data, text, size) == 0;
}

// Has no length after it.
bool IsBare(uint8_t marker) {
  return marker == kExtension || (marker >= kFirstBare && marker <= kLastBare) ||
         (marker >= kFirstReserved && marker <= kLastReserved);
}

// Tables of one or two bytes per entry.
bool HasWholeTables(const Bytes& content) {
  for (size_t at = 0; at < content.size;) {
    at += 1 + (content.data[at] < 16 ? 64 : 128);
    if (at > content.size) {
      return false;
    }
  }
  return true;
}

// Resources: 8BIM, a number, a name at least, a length. One that is cut off after its number is an
// error, one that is cut off elsewhere is not.
bool HasWholeResources(const Bytes& content) {
  const auto even = [](size_t at) { return at + at % 2; };
  size_t at = kProfileHeader;
  while (at + 4 <= content.size && std::memcmp(content.data + at, "8BIM", 4) == 0) {
    at += 4;
    if (at + 2 > content.size) {
      return true;
    }
    const unsigned number = Word(content.data + at);
    at += 2;
    if (at == content.size) {
      return false;
    }
    at = even(at + 1 + content.data[at]);
    if (at + 4 > content.size) {
      return true;
    }
    const size_t size = size_t{Word(content.data + at)} << 16 | Word(content.data + at + 2);
    at += 4;
    if (number == kResolution && std::min(size, content.size - at) < kResolutionSize) {
      return true;
    }
    at = even(at + size);
  }
  return true;
}

class Walk {
 public:
  Walk(const Bytes& file, char* message) : file_(file), message_(message) {}

  bool ToScan();

 private:
  bool Take(uint8_t marker, const Bytes& content);
  bool TakeFrame(const Bytes& content);
  bool Refuse(const char* what);
  bool RefuseCutOff();

  const Bytes file_;
  char* const message_;
  size_t at_ = 2;     // of the next byte
  size_t start_ = 0;  // of the current segment
  Bytes profile_{};   // the first part of a profile
  bool framed_ = false;
};

bool Walk::ToScan() {
  if (file_.size > 2 && file_.data[2] != kMarker) {
    std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE, "no segment follows its first two bytes");
    return false;
  }
  while (at_ + 1 < file_.size) {
    const uint8_t marker = file_.data[at_ + 1];
    start_ = at_;
    if (file_.data[at_] != kMarker || marker == kMarker) {
      at_++;
    } else if (marker == kStuffing || IsBare(marker)) {
      at_ += 2;
    } else if (marker < kFirstSegment) {
      return Refuse("is unknown");
    } else {
      if (file_.size - at_ < 4) {
        return RefuseCutOff();
      }
      const unsigned length = std::max(Word(file_.data + at_ + 2), 2U) - 2;
      at_ += 4;
      if (length > file_.size - at_) {
        return RefuseCutOff();
      }
      if (!Take(marker, {file_.data + at_, length})) {
        return false;
      }
      at_ += length;
      if (marker == kStartOfScan) {
        return framed_ || Refuse("comes before the header that gives the size");
      }
    }
  }
  return RefuseCutOff();
}

bool Walk::Take(uint8_t marker, const Bytes& content) {
  if (IsJpegFrame(marker) || marker == kHierarchy) {
    return TakeFrame(content);
  }
  bool whole = true;
  if (marker == kQuantisation) {
    whole = HasWholeTables(content);
  } else if (marker == kJfif && BeginsWith(content, "JFIF", 4)) {
    whole = content.size >= kVersionEnd;
  } else if (marker == kAdobe && BeginsWith(content, "Adobe", 5)) {
    whole = content.size >= kVersionEnd;
  } else if (marker == kPhotoshop && BeginsWith(content, "Photoshop 3.0\0", 14)) {
    whole = HasWholeResources(content);
  } else if (marker == kProfile && BeginsWith(content, "ICC_PROFILE\0", 12) &&
             (profile_.size == 0 ||
              std::lexicographical_compare(content.data, content.data + content.size, profile_.data,
                                           profile_.data + profile_.size))) {
    profile_ = content;
  }
  return whole || Refuse("is too short for what it begins");
}

bool Walk::TakeFrame(const Bytes& content) {
  if (content.size < kFrameHeader || (content.size - kFrameHeader) % kComponent != 0 ||
      (profile_.size > 0 && profile_.size < kProfileHeader)) {
    return Refuse("or the profile before it is too short");
  }
  profile_ = {};
  framed_ = true;
  const int bits = content.data[0];
  const int components = content.data[5];
  if (bits != 8) {
    std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE, "its samples have %d bits, expected 8",
                  bits);
    return false;
  }
  if (components != 1 && components != 3 && components != 4) {
    std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE,
                  "its pixels have %d components, expected 1, 3 or 4", components);
    return false;
  }
  return true;
}

bool Walk::Refuse(const char* what) {
  std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE, "its segment %02x at byte %zu %s",
                file_.data[start_ + 1], start_, what);
  return false;
}

bool Walk::RefuseCutOff() {
  std::snprintf(message_, LAVIS4J_IMAGE_MESSAGE_SIZE, "it is cut off after %zu bytes", file_.size);
  return false;
}

}  // namespace

bool IsJpegFrame(uint8_t marker) {
  return marker >= kFirstSegment && marker <= kLastFrame && marker != kHuffmanTables &&
         marker != kExtension && marker != kArithmeticTables;
}

bool CheckJpegSegments(const Bytes& file, char* message) { return Walk(file, message).ToScan(); }

}  // namespace lavis4j
