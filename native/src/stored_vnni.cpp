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

constexpr size_t kLine = 64;       // digits of a vector
constexpr size_t kTileLines = 32;  // whose weights, and sums of 32 bits, have room
constexpr size_t kTile = kTileLines * kLine;
// GCC 12 takes what is not masked for uninitialised; such a mask costs nothing.
constexpr __mmask16 kAll = 0xffff;
constexpr size_t kDigits = 3;
constexpr float kLargest = 0x7f0000;    // three digits reach 0x7f7f7f, so rounding stays below
constexpr size_t kStreams = 4;          // as in stored_loops.h
constexpr size_t kFetchedAhead = 2048;  // bytes, in each stream

// Numbers of a row, the digits of the lowest value first. VNNI takes one factor without a sign,
// which is weights plus 128, so sums start with what this adds to them, negated.
struct Tile {
  __m512i starts[kDigits];
  __m512i digits[kTileLines][kDigits];
};

size_t Lines(size_t numbers) { return (numbers + kLine - 1) / kLine; }

size_t Tiles(const lavis4j_stored_product& product) {
  return (static_cast<size_t>(product.depth) + kTile - 1) / kTile;
}

// Of the steps of all rows, which come before the tiles of one row after the other.
size_t Steps(const lavis4j_stored_product& product) {
  return (static_cast<size_t>(product.rows) + kStoredLine - 1) / kStoredLine * kStoredLine;
}

size_t PackedBytes(const lavis4j_stored_product& product) {
  return Steps(product) * sizeof(float) +
         static_cast<size_t>(product.rows) * Tiles(product) * sizeof(Tile);
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

void PackRow(const float* x, size_t depth, float inverse, Tile* tiles) {
  for (size_t first = 0; first < depth; first += kTile, tiles++) {
    __m512i added[kDigits] = {};
    const size_t lines = Lines(std::min(kTile, depth - first));
    for (size_t line = 0; line < lines; line++) {
      __m512i whole[4];  // in units of the step
      for (size_t quarter = 0; quarter < 4; quarter++) {
        const size_t k = std::min(first + line * kLine + quarter * kLanes, depth);
        whole[quarter] = _mm512_maskz_cvtps_epi32(
            kAll,
            _mm512_mul_ps(_mm512_maskz_loadu_ps(First(depth - k), x + k), _mm512_set1_ps(inverse)));
      }
      for (size_t digit = 0; digit < kDigits; digit++) {
        const __m512i digits = LowBytes(whole);
        tiles->digits[line][digit] = digits;
        added[digit] = _mm512_dpbusd_epi32(added[digit], _mm512_set1_epi8(-128), digits);
        for (__m512i& number : whole) {
          number =
              _mm512_maskz_srai_epi32(kAll, _mm512_add_epi32(number, _mm512_set1_epi32(128)), 8);
        }
      }
    }
    for (size_t digit = 0; digit < kDigits; digit++) {
      tiles->starts[digit] = _mm512_sub_epi32(_mm512_setzero_si512(), added[digit]);
    }
  }
}

void Pack(const lavis4j_stored_product& product, float* packed) {
  const auto depth = static_cast<size_t>(product.depth);
  auto* tiles = reinterpret_cast<Tile*>(packed + Steps(product));
  for (size_t row = 0; row < static_cast<size_t>(product.rows); row++) {
    const float* x = product.x + row * depth;
    const float largest = Largest(x, depth);
    // The bound is for rows of zeros, whose step is to be finite.
    const float inverse = kLargest / std::max(largest, 1e-30F);
    packed[row] = std::isfinite(largest) ? 1 / inverse : std::numeric_limits<float>::quiet_NaN();
    PackRow(x, depth, inverse, tiles + row * Tiles(product));
  }
}

// Outputs i, i + step, ..., kCount of them.
template <size_t kCount>
struct Outputs {
  const StoredPart& part;
  size_t i;
  size_t step;

  void Compute(const int8_t* weights) const {
    const auto rows = static_cast<size_t>(part.product.rows);
    const auto depth = static_cast<size_t>(part.product.depth);
    const size_t tiles = Tiles(part.product);
    const auto* x = reinterpret_cast<const Tile*>(part.packed + Steps(part.product));
    __m128 sums[LAVIS4J_STORED_MOST_ROWS] = {};
    for (size_t tile = 0; tile < tiles; tile++) {
      const size_t numbers = std::min(kTile, depth - tile * kTile);
      const int8_t* w = weights + i * depth + tile * kTile;
      for (size_t row = 0; row < rows; row++) {
        Multiply(w, step * depth, numbers, x[row * tiles + tile], sums[row]);
      }
    }
    for (size_t row = 0; row < rows; row++) {
      float four[4];
      _mm_storeu_ps(four, _mm_mul_ps(sums[row], _mm_set1_ps(part.packed[row])));
      Finish(four, part.product.y + row * static_cast<size_t>(part.product.outputs));
    }
  }

  // Adds to sums the products of numbers of kCount weights, stride apart, and of x.
  static void Multiply(const int8_t* w, size_t stride, size_t numbers, const Tile& x,
                       __m128& sums) {
    __m512i lanes[kCount][kDigits];
    for (size_t j = 0; j < kCount; j++) {
      std::copy_n(x.starts, kDigits, lanes[j]);
    }
    size_t line = 0;
    for (; line < numbers / kLine; line++) {
      for (size_t j = 0; j < kCount; j++) {
        const int8_t* from = w + line * kLine + j * stride;
        _mm_prefetch(reinterpret_cast<const char*>(from) + kFetchedAhead, _MM_HINT_T1);
      }
      Add(w + line * kLine, stride, x.digits[line], lanes);
    }
    if (numbers % kLine != 0) {
      int8_t last[kCount][kLine] = {};
      for (size_t j = 0; j < kCount; j++) {
        std::copy_n(w + line * kLine + j * stride, numbers % kLine, last[j]);
      }
      Add(last[0], kLine, x.digits[line], lanes);
    }
    __m512 values[4] = {};
    for (size_t j = 0; j < kCount; j++) {
      values[j] = Value(lanes[j]);
    }
    sums = _mm_add_ps(sums, Sum4(values[0], values[1], values[2], values[3]));
  }

  // A line of each weight with one of x.
  static void Add(const int8_t* w, size_t stride, const __m512i (&digits)[kDigits],
                  __m512i (&lanes)[kCount][kDigits]) {
    for (size_t j = 0; j < kCount; j++) {
      const int8_t* from = w + j * stride;
      const __m512i moved = _mm512_xor_si512(_mm512_loadu_si512(from), _mm512_set1_epi8(-128));
      for (size_t digit = 0; digit < kDigits; digit++) {
        lanes[j][digit] = _mm512_dpbusd_epi32(lanes[j][digit], moved, digits[digit]);
      }
    }
  }

  // The lower two digits' sums, of a tile's numbers, are whole numbers of 32 bits together, too.
  static __m512 Value(const __m512i (&lanes)[kDigits]) {
    const __m512i low = _mm512_add_epi32(lanes[0], _mm512_maskz_slli_epi32(kAll, lanes[1], 8));
    return _mm512_fmadd_ps(_mm512_maskz_cvtepi32_ps(kAll, lanes[2]), _mm512_set1_ps(65536),
                           _mm512_maskz_cvtepi32_ps(kAll, low));
  }

  void Finish(const float (&sums)[4], float* y) const {
    for (size_t j = 0; j < kCount; j++) {
      StoredFinish(part.product, i + j * step, sums[j], y);
    }
  }
};

void Run(const int8_t* weights, const StoredPart& part) {
  const size_t share = part.count / kStreams;
  for (size_t i = 0; i < share; i++) {
    Outputs<kStreams>{part, part.first + i, share}.Compute(weights);
  }
  for (size_t i = part.first + kStreams * share; i < part.first + part.count; i++) {
    Outputs<1>{part, i, 0}.Compute(weights);
  }
}

}  // namespace

const StoredKernel<int8_t> kVnniInt8{PackedBytes, Pack, Run};

}  // namespace lavis4j
#endif
