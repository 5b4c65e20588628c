// Compiled for AVX-512 F and AMX: nothing here may run on processors without them.
#include "tiles.h"

#if defined(__x86_64__)
#include <atomic>

#include "amx.h"
#include "blocks.h"
#include "layer.h"
#include "panels.h"

namespace lavis4j {
namespace {

constexpr size_t kLines = kTileRows;
constexpr size_t kPanel = 2 * kLines;
constexpr size_t kPanelStep = kParts * kPanel;  // rows of tiles

constexpr size_t RoundUp(size_t length, size_t unit) { return (length + unit - 1) / unit * unit; }

// Which way the numbers of a tile run.
enum class Layout {
  kByLine,  // a row of the tile has numbers of a line: columns of the result
  kByPair,  // a row of the tile has a pair of numbers of each line: rows of the result
};

// Splits numbers into their three parts, and knows whether all were finite.
class Splitter {
 public:
  // Pairs (first, second) as a row of three tiles, of which the first row is `to`.
  void Split(__m512 first, __m512 second, TileRow* to) {
    Bits pairs[kParts];
    lavis4j::Split(first, second, pairs);
    for (size_t part = 0; part < kParts; part++) {
      _mm512_store_si512(to + part * kPanel, __m512i(pairs[part]));
    }
    sum_ = first * 0 + sum_;
    sum_ = second * 0 + sum_;
  }

  // Whether all numbers were finite, rounded to bfloat16 too: the last part of others is NaN.
  bool finite() const {
    for (size_t i = 0; i < kLanes; i++) {
      if (sum_[i] != 0) {
        return false;
      }
    }
    return true;
  }

 private:
  __m512 sum_ = {};  // zero, or NaN
};

// The three tiles of up to 16 lines and 32 numbers of each, with zeros for what is not there, from
// to on. A pair has numbers p and 16 + p.
void PackTile(const Operand& from, size_t lines, size_t depth, Layout layout, Splitter& splitter,
              TileRow* to) {
  const bool by_line = from.step == 1;
  const size_t rows = by_line ? lines : depth;
  const __mmask16 first_there = First(by_line ? depth : lines);
  const __mmask16 second_there =
      by_line ? First(depth < kLanes ? 0 : depth - kLanes) : first_there;
  const size_t row_step = by_line ? from.row : from.step;
  const size_t second_row = by_line ? 0 : kLanes;
  const size_t second_step = by_line ? kLanes : kLanes * from.step;
  Bits first[kLines];
  Bits second[kLines];
  for (size_t row = 0; row < kLines; row++) {
    const float* at = from.data + row * row_step;
    const auto there = [&](size_t index, __mmask16 mask) { return index < rows ? mask : __mmask16{0}; };
    first[row] = Bits(_mm512_maskz_loadu_ps(there(row, first_there), at));
    second[row] =
        Bits(_mm512_maskz_loadu_ps(there(row + second_row, second_there), at + second_step));
  }
  if (by_line != (layout == Layout::kByLine)) {
    Transpose(first);
    Transpose(second);
  }
  for (size_t row = 0; row < kLines; row++) {
    splitter.Split(__m512(first[row]), __m512(second[row]), to + row);
  }
}

// Panels of 32 lines, each of them steps of 32 numbers, each of them parts, each of them two tiles;
// false if a number is not finite. Of a last panel of up to 16 lines the second tiles are left as
// they are.
bool Pack(const Operand& from, size_t count, size_t depth, Layout layout, TileRow* to) {
  Splitter splitter;
  const size_t steps = RoundUp(depth, kStep) / kStep;
  const auto pack_step = [&](size_t panel, size_t step) {
    TileRow* const at = to + (panel / kPanel * steps + step) * kPanelStep;
    for (size_t i = 0; i < std::min(kPanel, count - panel); i += kLines) {
      PackTile(from.From(panel + i, step * kStep), std::min(kLines, count - panel - i),
               std::min(kStep, depth - step * kStep), layout, splitter, at + i);
    }
  };
  if (from.step == 1) {
    for (size_t panel = 0; panel < count; panel += kPanel) {
      for (size_t step = 0; step < steps; step++) {
        pack_step(panel, step);
      }
    }
  } else {
    for (size_t step = 0; step < steps; step++) {
      for (size_t panel = 0; panel < count; panel += kPanel) {
        pack_step(panel, step);
      }
    }
  }
  return splitter.finite();
}

// The sums of 16 kCols columns and 16 kRows rows of the result, a column after 32 numbers.
template <int kCols, int kRows>
void Sum(const TileRow* cols, const TileRow* rows, size_t steps, float* sums) {
  const auto load_cols = [&](size_t part) {
    _tile_loadd(4, cols + part * kPanel, sizeof(TileRow));
    if constexpr (kCols == 2) {
      _tile_loadd(5, cols + part * kPanel + kLines, sizeof(TileRow));
    }
  };
  const auto load_rows = [&](size_t part) {
    _tile_loadd(6, rows + part * kPanel, sizeof(TileRow));
    if constexpr (kRows == 2) {
      _tile_loadd(7, rows + part * kPanel + kLines, sizeof(TileRow));
    }
  };
  const auto multiply = [] {
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (kRows == 2) {
      _tile_dpbf16ps(1, 4, 7);
    }
    if constexpr (kCols == 2) {
      _tile_dpbf16ps(2, 5, 6);
    }
    if constexpr (kCols == 2 && kRows == 2) {
      _tile_dpbf16ps(3, 5, 7);
    }
  };
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (size_t step = 0; step < steps; step++) {  // the smallest products first
    load_cols(2);
    load_rows(0);
    multiply();
    load_cols(1);
    multiply();
    load_rows(1);
    multiply();
    load_cols(0);
    multiply();
    load_rows(2);
    multiply();
    load_rows(0);
    multiply();
    cols += kPanelStep;
    rows += kPanelStep;
  }
  constexpr size_t kColumn = kPanel * sizeof(float);
  _tile_stored(0, sums, kColumn);
  _tile_stored(1, sums + kLines, kColumn);
  _tile_stored(2, sums + kLines * kPanel, kColumn);
  _tile_stored(3, sums + kLines * kPanel + kLines, kColumn);
}

void Sum(const TileRow* cols, size_t col_count, const TileRow* rows, size_t row_count, size_t steps,
         float* sums) {
  if (col_count > kLines) {
    row_count > kLines ? Sum<2, 2>(cols, rows, steps, sums) : Sum<2, 1>(cols, rows, steps, sums);
  } else {
    row_count > kLines ? Sum<1, 2>(cols, rows, steps, sums) : Sum<1, 1>(cols, rows, steps, sums);
  }
}

// c = alpha * sums + beta * c for a tile of the result, or instead of c the bias of its row.
void Update(const float* sums, const Gemm<float>& tile) {
  const auto rows = static_cast<size_t>(tile.m);
  const auto cols = static_cast<size_t>(tile.n);
  const __m512 by = _mm512_set1_ps(tile.alpha);
  const __m512 old = _mm512_set1_ps(tile.beta);
  for (size_t j = 0; j < cols; j++) {
    for (size_t i = 0; i < rows; i += kLanes) {
      float* at = tile.c + j * static_cast<size_t>(tile.ldc) + i;
      const float* before = tile.layer.bias == nullptr ? at : tile.layer.bias + i;
      const __mmask16 there = First(rows - i);
      __m512 sum = _mm512_mul_ps(by, _mm512_load_ps(sums + j * kPanel + i));
      if (tile.beta != 0) {
        sum = _mm512_fmadd_ps(old, _mm512_maskz_loadu_ps(there, before), sum);
      }
      _mm512_mask_storeu_ps(at, there, sum);
    }
  }
}

struct TileKernel {
  using Packed = TileRow;
  static constexpr int kDepth = 768;
  static constexpr int kBlockRows = 256;
  static constexpr int kBlockCols = 2048;
  static constexpr size_t kPackedA = kBlockRows / kPanel * (kDepth / kStep) * kPanelStep;
  static constexpr size_t kPackedB = kBlockCols / kPanel * (kDepth / kStep) * kPanelStep;

  static bool PackA(const Operand& from, size_t count, size_t depth, Packed* to) {
    return Pack(from, count, depth, Layout::kByPair, to);
  }

  static bool PackB(const Operand& from, size_t count, size_t depth, Packed* to) {
    return Pack(from, count, depth, Layout::kByLine, to);
  }

  static void Multiply(const Packed* a, const Packed* b, const Gemm<float>& block,
                       const Lines& /*next*/) {
    // The compiler does not know that tiles read what was packed.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    alignas(64) float sums[kPanel * kPanel];
    const auto m = static_cast<size_t>(block.m);
    const auto n = static_cast<size_t>(block.n);
    const size_t steps = RoundUp(static_cast<size_t>(block.k), kStep) / kStep;
    const size_t panel = steps * kPanelStep;
    for (size_t j = 0; j < n; j += kPanel) {
      for (size_t i = 0; i < m; i += kPanel) {
        const size_t rows = std::min(kPanel, m - i);
        const size_t cols = std::min(kPanel, n - j);
        const Gemm<float> tile = block.Block({static_cast<int>(i), static_cast<int>(rows)},
                                             {static_cast<int>(j), static_cast<int>(cols)});
        FetchResidual(tile);
        Sum(b + j / kPanel * panel, cols, a + i / kPanel * panel, rows, steps, sums);
        Update(sums, tile);
        FinishLayer(tile);
      }
    }
  }
};

}  // namespace

void MultiplyTiles(const Gemm<float>& product) {
  const TileConfig config;
  _tile_loadconfig(&config);
  MultiplyBlocks<TileKernel>(product);
  _tile_release();
}

}  // namespace lavis4j
#endif
