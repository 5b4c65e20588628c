// Compiled for AVX-512 F: nothing here may run on processors without it.
#include "panels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>

#include "blocks.h"

namespace lavis4j {
namespace {

constexpr size_t kLanes = 16;
constexpr int kRows = 48;  // of a tile of the result: three vectors
constexpr int kCols = 8;   // 24 of the 32 registers are sums

// Numbers k, ..., k + 15 of four rows, to[k * kWidth + 0 .. 3].
template <size_t kWidth>
void Transpose(const float* from, size_t row, float* to) {
  const __m512 r0 = _mm512_loadu_ps(from);
  const __m512 r1 = _mm512_loadu_ps(from + row);
  const __m512 r2 = _mm512_loadu_ps(from + 2 * row);
  const __m512 r3 = _mm512_loadu_ps(from + 3 * row);
  const auto low = [](__m512 a, __m512 b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
  };
  const auto high = [](__m512 a, __m512 b) {
    return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
  };
  const auto first = [](__m512 a, __m512 b) {
    return __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
  };
  const auto second = [](__m512 a, __m512 b) {
    return __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  };
  const __m512 columns[] = {first(low(r0, r1), low(r2, r3)), second(low(r0, r1), low(r2, r3)),
                            first(high(r0, r1), high(r2, r3)), second(high(r0, r1), high(r2, r3))};
  for (size_t k = 0; k < 4; k++) {  // a column in each quarter of a vector
    const __m512 c = columns[k];
    _mm_store_ps(to + k * kWidth, __builtin_shufflevector(c, c, 0, 1, 2, 3));
    _mm_store_ps(to + (4 + k) * kWidth, __builtin_shufflevector(c, c, 4, 5, 6, 7));
    _mm_store_ps(to + (8 + k) * kWidth, __builtin_shufflevector(c, c, 8, 9, 10, 11));
    _mm_store_ps(to + (12 + k) * kWidth, __builtin_shufflevector(c, c, 12, 13, 14, 15));
  }
}

template <size_t kWidth>
void Copy(const float* from, float* to) {
  static_assert(kWidth % 8 == 0, "whole vectors");
  for (size_t i = 0; i < kWidth; i += 8) {
    _mm256_store_ps(to + i, _mm256_loadu_ps(from + i));
  }
}

// A panel: to[k * kWidth + i] for i < count, k < depth; zeros for count <= i < kWidth.
template <size_t kWidth>
void PackPanel(const Operand& from, size_t count, size_t depth, float* to) {
  if (count == kWidth && from.row == 1) {
    for (size_t k = 0; k < depth; k++) {
      Copy<kWidth>(from.data + k * from.step, to + k * kWidth);
    }
    return;
  }
  size_t packed = 0;
  if (count == kWidth && from.step == 1) {
    packed = depth / kLanes * kLanes;
    for (size_t k = 0; k < packed; k += kLanes) {
      for (size_t i = 0; i < kWidth; i += 4) {
        Transpose<kWidth>(from.data + i * from.row + k, from.row, to + k * kWidth + i);
      }
    }
  }
  for (size_t k = packed; k < depth; k++) {
    for (size_t i = 0; i < kWidth; i++) {
      to[k * kWidth + i] = i < count ? from.data[i * from.row + k * from.step] : 0;
    }
  }
}

// All panels of count rows, one after the other.
template <size_t kWidth>
void Pack(const Operand& from, size_t count, size_t depth, float* to) {
  for (size_t i = 0; i < count; i += kWidth) {
    PackPanel<kWidth>(from.From(i, 0), std::min(kWidth, count - i), depth, to);
    to += kWidth * depth;
  }
}

// What becomes of the sums: c = alpha * sum + beta * c.
struct Update {
  float alpha;
  float beta;
};

void StoreColumn(const __m512 (&sums)[3], const Update& update, float* c) {
  const __m512 alpha = _mm512_set1_ps(update.alpha);
  const __m512 beta = _mm512_set1_ps(update.beta);
  for (size_t i = 0; i < 3; i++) {
    const __m512 product = _mm512_mul_ps(alpha, sums[i]);
    _mm512_storeu_ps(c + i * kLanes,
                     update.beta == 0
                         ? product
                         : _mm512_fmadd_ps(beta, _mm512_loadu_ps(c + i * kLanes), product));
  }
}

// A tile of the result from a panel of each side.
void MultiplyTile(const float* a, const float* b, size_t depth, const Update& update, float* c,
                  size_t ldc) {
  __m512 sums[kCols][3] = {};
  for (size_t k = 0; k < depth; k++) {
    const __m512 a0 = _mm512_load_ps(a);
    const __m512 a1 = _mm512_load_ps(a + kLanes);
    const __m512 a2 = _mm512_load_ps(a + 2 * kLanes);
    for (size_t j = 0; j < kCols; j++) {
      const __m512 number = _mm512_set1_ps(b[j]);
      sums[j][0] = _mm512_fmadd_ps(a0, number, sums[j][0]);
      sums[j][1] = _mm512_fmadd_ps(a1, number, sums[j][1]);
      sums[j][2] = _mm512_fmadd_ps(a2, number, sums[j][2]);
    }
    a += kRows;
    b += kCols;
  }
  for (size_t j = 0; j < kCols; j++) {
    StoreColumn(sums[j], update, c + j * ldc);
  }
}

// A tile at the end of rows or columns, of which rows and cols are there.
void MultiplyEdge(const float* a, const float* b, size_t depth, const Update& update, float* c,
                  size_t ldc, size_t rows, size_t cols) {
  alignas(64) float tile[kCols * kRows];
  MultiplyTile(a, b, depth, {update.alpha, 0}, tile, kRows);
  for (size_t j = 0; j < cols; j++) {
    for (size_t i = 0; i < rows; i++) {
      float& element = c[j * ldc + i];
      element = update.beta == 0 ? tile[j * kRows + i] : tile[j * kRows + i] + update.beta * element;
    }
  }
}

struct PanelKernel {
  using Packed = float;
  static constexpr int kDepth = 384;
  static constexpr int kBlockRows = 10 * kRows;
  static constexpr int kBlockCols = 256 * kCols;
  static constexpr size_t kPackedA = size_t{kBlockRows} * kDepth;
  static constexpr size_t kPackedB = size_t{kBlockCols} * kDepth;

  static bool PackA(const Operand& from, size_t count, size_t depth, float* to) {
    Pack<kRows>(from, count, depth, to);
    return true;
  }

  static bool PackB(const Operand& from, size_t count, size_t depth, float* to) {
    Pack<kCols>(from, count, depth, to);
    return true;
  }

  static void Multiply(const float* a, const float* b, const Gemm<float>& block) {
    const auto m = static_cast<size_t>(block.m);
    const auto n = static_cast<size_t>(block.n);
    const auto depth = static_cast<size_t>(block.k);
    const auto ldc = static_cast<size_t>(block.ldc);
    const Update update{block.alpha, block.beta};
    for (size_t j = 0; j < n; j += kCols) {
      for (size_t i = 0; i < m; i += kRows) {
        const float* a_panel = a + i * depth;
        const float* b_panel = b + j * depth;
        float* tile = block.c + j * ldc + i;
        if (i + kRows <= m && j + kCols <= n) {
          MultiplyTile(a_panel, b_panel, depth, update, tile, ldc);
        } else {
          MultiplyEdge(a_panel, b_panel, depth, update, tile, ldc, std::min<size_t>(kRows, m - i),
                       std::min<size_t>(kCols, n - j));
        }
      }
    }
  }
};

}  // namespace

void MultiplyPanels(const Gemm<float>& product) { MultiplyBlocks<PanelKernel>(product); }

}  // namespace lavis4j
#endif
