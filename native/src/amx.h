// What kernels for AMX share: tiles, and floats as sums of three bfloat16. Only for files compiled for
// AVX-512 F and AMX.
#ifndef LAVIS4J_SRC_AMX_H_
#define LAVIS4J_SRC_AMX_H_

#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "shuffles.h"

namespace lavis4j {

// A row of a tile.
struct alignas(64) TileRow {
  uint16_t numbers[32];  // bfloat16
};

constexpr size_t kTileRows = 16;
constexpr size_t kLanes = 16;         // of a vector: pairs of bfloat16
constexpr size_t kStep = 2 * kLanes;  // numbers of a line in a tile
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

inline __mmask16 First(size_t count) {
  return static_cast<__mmask16>(count >= kLanes ? 0xFFFF : (1U << count) - 1);
}

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

inline void Transpose(Bits (&rows)[kTileRows]) {
  const auto even_fours = [](Bits a, Bits b) {
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
  };
  const auto odd_fours = [](Bits a, Bits b) {
    return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  };
  Bits fours[kTileRows];  // fours[4 g + c]: columns c, 4 + c, 8 + c, 12 + c of rows 4 g, ..., 4 g + 3
  for (size_t i = 0; i < kTileRows; i += 4) {
    Bits columns[4];
    TransposeFours(rows[i], rows[i + 1], rows[i + 2], rows[i + 3], columns);
    std::copy_n(columns, 4, fours + i);
  }
  for (size_t c = 0; c < 4; c++) {
    const Bits even0 = even_fours(fours[c], fours[4 + c]);
    const Bits even1 = even_fours(fours[8 + c], fours[12 + c]);
    const Bits odd0 = odd_fours(fours[c], fours[4 + c]);
    const Bits odd1 = odd_fours(fours[8 + c], fours[12 + c]);
    rows[c] = even_fours(even0, even1);
    rows[4 + c] = even_fours(odd0, odd1);
    rows[8 + c] = odd_fours(even0, even1);
    rows[12 + c] = odd_fours(odd0, odd1);
  }
}

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_AMX_H_
