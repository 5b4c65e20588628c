// What kernels for AMX share: tiles, and floats as sums of three bfloat16. Only for files compiled for
// AVX-512 F and AMX.
#ifndef LAVIS4J_SRC_AMX_H_
#define LAVIS4J_SRC_AMX_H_

#include <cstddef>
#include <cstdint>

#include "lanes.h"
#include "shuffles.h"

namespace lavis4j {

// A row of a tile.
struct alignas(64) TileRow {
  uint16_t numbers[32];  // bfloat16
};

constexpr size_t kTileRows = 16;
constexpr size_t kStep = 2 * kLanes;  // numbers of a line in a tile: a vector of pairs of bfloat16
constexpr size_t kParts = 3;          // bfloat16 that make a float

struct alignas(64) TileConfig {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// The bits of 16 floats.
using Bits = uint32_t __attribute__((vector_size(64)));

// Splits numbers into their three parts, the greatest first, as pairs (first, second), and leaves the
// last parts, which are NaN for numbers that are not finite as bfloat16 too.
inline void Split(__m512& first, __m512& second, Bits (&pairs)[kParts]) {
  constexpr uint32_t kHigh = 0xFFFF0000;
  const auto take = [&](Bits low, Bits high) {  // exact: a float has as many bits as three parts
    first -= __m512(low);
    second -= __m512(high);
    return low >> 16 | high;
  };
  pairs[0] = take((Bits(first) + 0x8000) & kHigh, (Bits(second) + 0x8000) & kHigh);  // the nearest
  pairs[1] = take(Bits(first) & kHigh, Bits(second) & kHigh);
  pairs[2] = Bits(first) >> 16 | Bits(second);
}

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_AMX_H_
