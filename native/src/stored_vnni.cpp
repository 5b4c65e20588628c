// Compiled for AVX-512 F, BW and VNNI: nothing here may run on processors without them.
#include "stored.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "lanes.h"
#include "sums_avx512.h"

namespace lavis4j {
namespace {

// Products of whole numbers: a number of x becomes three digits of 8 bits, in steps of a part in
// 8e6 of the row's largest number. So every number has the rounding error that the largest has in
// float, half a step; of rows below 1e-30, a greater one. Three instructions multiply and add 64
// numbers, which takes twelve with widened weights.

constexpr size_t kLine = 64;           // digits of a vector
constexpr size_t kMostTileLines = 32;  // whose weights, and sums of 32 bits, have room
// GCC 12 takes what is not masked for uninitialised; such a mask costs nothing.
constexpr __mmask16 kAll = 0xffff;
constexpr size_t kDigits = 3;
constexpr float kLargest = 0x7f0000;  // three digits reach 0x7f7f7f, so rounding stays below
// As in stored_loops.h; but where the digits of a row alone, three bytes a number, do not stay in
// the first cache beside the weights that pass through, as many weights as have registers share
// them.
constexpr size_t kStreams = 4;
constexpr size_t kStreamsOfOneLongRow = 8;
constexpr size_t kLongRow = 2560;  // numbers; a longer one
// Bytes, in each stream. For several rows, which pass over a tile one after the other, beyond it.
constexpr size_t kFetchedAhead = 2048;
constexpr size_t kFetchedAheadOfOneRow = 1024;

// Numbers of a row, the digits of the lowest value first. VNNI takes one factor without a sign,
// which is weights plus 128, so sums start with what this adds to them, negated.
struct Tile {
  __m512i starts[kDigits];
  __m512i digits[kMostTileLines][kDigits];
};

size_t Lines(size_t numbers) { return (numbers + kLine - 1) / kLine; }

// Tiles of a row, as equal as can be.
struct Tiling {
  size_t depth;
  size_t lines;
  size_t count;

  explicit Tiling(const lavis4j_stored_product& product)
      : depth(static_cast<size_t>(product.depth)),
        lines(Lines(depth)),
        count((lines + kMostTileLines - 1) / kMostTileLines) {}

  size_t First(size_t tile) const { return std::min(lines * tile / count * kLine, depth); }

  size_t Numbers(size_t tile) const { return First(tile + 1) - First(tile); }
};

// Of the steps of all rows, which come before the tiles of one row after the other.
size_t Steps(const lavis4j_stored_product& product) {
  return (static_cast<size_t>(product.rows) + kStoredLine - 1) / kStoredLine * kStoredLine;
}

size_t PackedBytes(const lavis4j_stored_product& product) {
  return Steps(product) * sizeof(float) +
         static_cast<size_t>(product.rows) * Tiling(product).count * sizeof(Tile);
}

// The largest absolute number; it is not finite if one of the row is not.
float Largest(const float* x, size_t depth) {
  __m512i largest = _mm512_setzero_si512();
  for (size_t k = 0; k < depth; k += kLanes) {  // without a sign, bits are in the floats' order
    const __m512i bits = _mm512_maskz_loadu_epi32(First(depth - k), x + k);
    largest = _mm512_maskz_max_epi32(kAll, largest,
                                     _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff)));
  }
  int32_t each[kLanes];
  _mm512_storeu_si512(each, largest);
  return _mm_cvtss_f32(
      _mm_castsi128_ps(_mm_cvtsi32_si128(*std::max_element(each, each + kLanes))));
}

// The lowest bytes of four times sixteen whole numbers.
__m512i LowBytes(const __m512i (&whole)[4]) {
  __m512i bytes = _mm512_castsi128_si512(_mm512_maskz_cvtepi32_epi8(kAll, whole[0]));
  bytes = _mm512_maskz_inserti32x4(kAll, bytes, _mm512_maskz_cvtepi32_epi8(kAll, whole[1]), 1);
  bytes = _mm512_maskz_inserti32x4(kAll, bytes, _mm512_maskz_cvtepi32_epi8(kAll, whole[2]), 2);
  return _mm512_maskz_inserti32x4(kAll, bytes, _mm512_maskz_cvtepi32_epi8(kAll, whole[3]), 3);
}

void PackTile(const float* x, size_t numbers, float inverse, Tile& tile) {
  __m512i added[kDigits] = {};
  for (size_t line = 0; line < Lines(numbers); line++) {
    __m512i whole[4];  // in units of the step
    for (size_t quarter = 0; quarter < 4; quarter++) {
      const size_t k = std::min(line * kLine + quarter * kLanes, numbers);
      whole[quarter] = _mm512_maskz_cvtps_epi32(
          kAll,
          _mm512_mul_ps(_mm512_maskz_loadu_ps(First(numbers - k), x + k), _mm512_set1_ps(inverse)));
    }
    for (size_t digit = 0; digit < kDigits; digit++) {
      const __m512i digits = LowBytes(whole);
      tile.digits[line][digit] = digits;
      added[digit] = _mm512_dpbusd_epi32(added[digit], _mm512_set1_epi8(-128), digits);
      for (__m512i& number : whole) {
        number = _mm512_maskz_srai_epi32(kAll, _mm512_add_epi32(number, _mm512_set1_epi32(128)), 8);
      }
    }
  }
  for (size_t digit = 0; digit < kDigits; digit++) {
    tile.starts[digit] = _mm512_sub_epi32(_mm512_setzero_si512(), added[digit]);
  }
}

void Pack(const lavis4j_stored_product& product, float* packed) {
  const Tiling tiling(product);
  auto* tiles = reinterpret_cast<Tile*>(packed + Steps(product));
  for (size_t row = 0; row < static_cast<size_t>(product.rows); row++) {
    const float* x = product.x + row * tiling.depth;
    const float largest = Largest(x, tiling.depth);
    // The bound is for rows of zeros, whose step is to be finite.
    const float inverse = kLargest / std::max(largest, 1e-30F);
    packed[row] = std::isfinite(largest) ? 1 / inverse : std::numeric_limits<float>::quiet_NaN();
    for (size_t tile = 0; tile < tiling.count; tile++) {
      PackTile(x + tiling.First(tile), tiling.Numbers(tile), inverse, *tiles++);
    }
  }
}

// Outputs i, i + step, ..., kCount of them.
template <size_t kCount, size_t kMostRows>
struct Outputs {
  static constexpr size_t kFours = (kCount + 3) / 4;
  static constexpr size_t kAhead = kMostRows == 1 ? kFetchedAheadOfOneRow : kFetchedAhead;

  const StoredPart& part;
  size_t i;
  size_t step;

  void Compute(const int8_t* weights) const {
    const auto rows = std::min(static_cast<size_t>(part.product.rows), kMostRows);
    const Tiling tiling(part.product);
    const auto* x = reinterpret_cast<const Tile*>(part.packed + Steps(part.product));
    __m128 sums[kMostRows][kFours];
    for (size_t row = 0; row < rows; row++) {
      std::fill_n(sums[row], kFours, _mm_setzero_ps());
    }
    for (size_t tile = 0; tile < tiling.count; tile++) {
      const int8_t* w = weights + i * tiling.depth + tiling.First(tile);
      for (size_t row = 0; row < rows; row++) {
        Multiply(w, step * tiling.depth, tiling.Numbers(tile), x[row * tiling.count + tile],
                 sums[row]);
      }
    }
    for (size_t row = 0; row < rows; row++) {
      float* y = part.product.y + row * static_cast<size_t>(part.product.outputs);
      for (size_t j = 0; j < kCount; j += 4) {
        float four[4];
        _mm_storeu_ps(four, _mm_mul_ps(sums[row][j / 4], _mm_set1_ps(part.packed[row])));
        for (size_t k = j; k < std::min(j + 4, kCount); k++) {
          StoredFinish(part.product, i + k * step, four[k - j], y);
        }
      }
    }
  }

  // Adds to sums the products of numbers of kCount weights, stride apart, and of x.
  static void Multiply(const int8_t* w, size_t stride, size_t numbers, const Tile& x,
                       __m128 (&sums)[kFours]) {
    __m512i lanes[kCount][kDigits];
    AddLines(w, stride, numbers / kLine, x, lanes);
    if (numbers % kLine != 0) {  // where the row ends, and its digits are zeros
      const __mmask64 rest = (uint64_t{1} << numbers % kLine) - 1;
      const size_t line = numbers / kLine;
      for (size_t j = 0; j < kCount; j++) {
        AddLine(_mm512_maskz_loadu_epi8(rest, w + line * kLine + j * stride), x.digits[line],
                lanes[j]);
      }
    }
    __m512 values[4 * kFours] = {};
    for (size_t j = 0; j < kCount; j++) {
      values[j] = Value(lanes[j]);
    }
    for (size_t four = 0; four < kFours; four++) {
      const __m512* of = values + 4 * four;
      sums[four] = _mm_add_ps(sums[four], Sum4(of[0], of[1], of[2], of[3]));
    }
  }

  // Whole lines. All sums stay in registers: the compiler moves some to memory if it meets them
  // beyond this loop, or in one that is not unrolled.
  __attribute__((noinline)) static void AddLines(const int8_t* w, size_t stride, size_t lines,
                                                 const Tile& x,
                                                 __m512i (&to)[kCount][kDigits]) {
    __m512i lanes[kCount][kDigits];
#pragma GCC unroll 8
    for (size_t j = 0; j < kCount; j++) {
      lanes[j][0] = x.starts[0];
      lanes[j][1] = x.starts[1];
      lanes[j][2] = x.starts[2];
    }
    for (size_t line = 0; line < lines; line++, w += kLine) {
#pragma GCC unroll 8
      for (size_t j = 0; j < kCount; j++) {
        const int8_t* from = w + j * stride;
        _mm_prefetch(reinterpret_cast<const char*>(from) + kAhead, _MM_HINT_T1);
        AddLine(_mm512_loadu_si512(from), x.digits[line], lanes[j]);
      }
    }
#pragma GCC unroll 8
    for (size_t j = 0; j < kCount; j++) {
      to[j][0] = lanes[j][0];
      to[j][1] = lanes[j][1];
      to[j][2] = lanes[j][2];
    }
  }

  static void AddLine(__m512i weights, const __m512i (&digits)[kDigits],
                      __m512i (&lanes)[kDigits]) {
    const __m512i moved = _mm512_xor_si512(weights, _mm512_set1_epi8(-128));
    lanes[0] = _mm512_dpbusd_epi32(lanes[0], moved, digits[0]);
    lanes[1] = _mm512_dpbusd_epi32(lanes[1], moved, digits[1]);
    lanes[2] = _mm512_dpbusd_epi32(lanes[2], moved, digits[2]);
  }

  // The lower two digits' sums, of a tile's numbers, are whole numbers of 32 bits together, too.
  static __m512 Value(const __m512i (&lanes)[kDigits]) {
    const __m512i low = _mm512_add_epi32(lanes[0], _mm512_maskz_slli_epi32(kAll, lanes[1], 8));
    return _mm512_fmadd_ps(_mm512_maskz_cvtepi32_ps(kAll, lanes[2]), _mm512_set1_ps(65536),
                           _mm512_maskz_cvtepi32_ps(kAll, low));
  }
};

template <size_t kCount, size_t kMostRows>
void RunStreams(const int8_t* weights, const StoredPart& part) {
  const size_t share = part.count / kCount;
  for (size_t i = 0; i < share; i++) {
    Outputs<kCount, kMostRows>{part, part.first + i, share}.Compute(weights);
  }
  for (size_t i = part.first + kCount * share; i < part.first + part.count; i++) {
    Outputs<1, kMostRows>{part, i, 0}.Compute(weights);
  }
}

void Run(const int8_t* weights, const StoredPart& part) {
  if (part.product.rows == 1 && part.product.depth > static_cast<int64_t>(kLongRow)) {
    RunStreams<kStreamsOfOneLongRow, 1>(weights, part);
  } else if (part.product.rows == 1) {
    RunStreams<kStreams, 1>(weights, part);
  } else {
    RunStreams<kStreams, LAVIS4J_STORED_MOST_ROWS>(weights, part);
  }
}

}  // namespace

const StoredKernel<int8_t> kVnniInt8{PackedBytes, Pack, Run};

}  // namespace lavis4j
#endif
