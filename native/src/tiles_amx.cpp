// Compiled for AVX-512 F and AMX: nothing here may run on processors without them.
#include "tiles.h"

#if defined(__x86_64__)
#include "amx.h"
#include "blocks.h"
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

// Splits numbers into their three parts, whose pairs become rows of three tiles, and remembers the
// greatest.
class Splitter {
 public:
  // Pairs (first, second) as row `row`.
  void Split(__m512 first, __m512 second, size_t row, Bits (&tiles)[kParts][kLines]) {
    Remember(first);
    Remember(second);
    Bits pairs[kParts];
    lavis4j::Split(first, second, pairs);
    for (size_t part = 0; part < kParts; part++) {
      tiles[part][row] = pairs[part];
    }
  }

  // Whether all numbers were finite, rounded to bfloat16 too.
  bool finite() const {
    constexpr uint32_t kRoundsToInfinity = 0x7F7F8000;
    for (size_t i = 0; i < kLanes; i++) {
      if (greatest_[i] >= kRoundsToInfinity) {
        return false;
      }
    }
    return true;
  }

 private:
  void Remember(__m512 numbers) {
    const Bits magnitudes = Bits(numbers) & 0x7FFFFFFF;
    greatest_ = magnitudes > greatest_ ? magnitudes : greatest_;
  }

  Bits greatest_ = {};
};

// The three tiles of up to 16 lines and 32 numbers of each, with zeros for what is not there; part
// `part` at to + part * 2 tiles. A pair has numbers p and 16 + p.
void PackTile(const Operand& from, size_t lines, size_t depth, Layout layout, Splitter& splitter,
              TileRow* to) {
  Bits tiles[kParts][kLines];
  const bool by_lines = from.step == 1;
  const size_t rows = by_lines ? lines : depth;
  const __mmask16 first = First(by_lines ? depth : lines);
  const __mmask16 second = by_lines ? First(depth < kLanes ? 0 : depth - kLanes) : first;
  const size_t row_step = by_lines ? from.row : from.step;
  const size_t second_step = by_lines ? kLanes : kLanes * from.step;
  for (size_t row = 0; row < kLines; row++) {
    const float* at = from.data + row * row_step;
    const bool has_second = by_lines ? row < rows : row + kLanes < rows;
    splitter.Split(_mm512_maskz_loadu_ps(row < rows ? first : 0, at),
                   _mm512_maskz_loadu_ps(has_second ? second : 0, at + second_step), row, tiles);
  }
  for (size_t part = 0; part < kParts; part++) {
    if (by_lines != (layout == Layout::kByLine)) {
      Transpose(tiles[part]);
    }
    for (size_t row = 0; row < kLines; row++) {
      _mm512_store_si512(to + part * kPanel + row, __m512i(tiles[part][row]));
    }
  }
}

// Panels of 32 lines, each of them steps of 32 numbers, each of them parts, each of them two tiles;
// false if a number is not finite. Of a last panel of up to 16 lines the second tiles are left as
// they are.
bool Pack(const Operand& from, size_t count, size_t depth, Layout layout, TileRow* to) {
  Splitter splitter;
  for (size_t panel = 0; panel < count; panel += kPanel) {
    for (size_t k = 0; k < depth; k += kStep) {
      for (size_t i = 0; i < std::min(kPanel, count - panel); i += kLines) {
        PackTile(from.From(panel + i, k), std::min(kLines, count - panel - i),
                 std::min(kStep, depth - k), layout, splitter, to + i);
      }
      to += kPanelStep;
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

// c = alpha * sums + beta * c for a tile of the result.
void Update(const float* sums, size_t rows, size_t cols, float alpha, float beta, float* c,
            size_t ldc) {
  const __m512 by = _mm512_set1_ps(alpha);
  const __m512 old = _mm512_set1_ps(beta);
  for (size_t j = 0; j < cols; j++) {
    for (size_t i = 0; i < rows; i += kLanes) {
      float* at = c + j * ldc + i;
      const __mmask16 there = First(rows - i);
      __m512 sum = _mm512_mul_ps(by, _mm512_load_ps(sums + j * kPanel + i));
      if (beta != 0) {
        sum = _mm512_fmadd_ps(old, _mm512_maskz_loadu_ps(there, at), sum);
      }
      _mm512_mask_storeu_ps(at, there, sum);
    }
  }
}

struct TileKernel {
  using Packed = TileRow;
  static constexpr int kDepth = 768;
  static constexpr int kBlockRows = 256;
  static constexpr int kBlockCols = 1024;
  static constexpr size_t kPackedA = kBlockRows / kPanel * (kDepth / kStep) * kPanelStep;
  static constexpr size_t kPackedB = kBlockCols / kPanel * (kDepth / kStep) * kPanelStep;

  static bool PackA(const Operand& from, size_t count, size_t depth, Packed* to) {
    return Pack(from, count, depth, Layout::kByPair, to);
  }

  static bool PackB(const Operand& from, size_t count, size_t depth, Packed* to) {
    return Pack(from, count, depth, Layout::kByLine, to);
  }

  static void Multiply(const Packed* a, const Packed* b, const Gemm<float>& block) {
    alignas(64) float sums[kPanel * kPanel];
    const auto m = static_cast<size_t>(block.m);
    const auto n = static_cast<size_t>(block.n);
    const auto ldc = static_cast<size_t>(block.ldc);
    const size_t steps = RoundUp(static_cast<size_t>(block.k), kStep) / kStep;
    const size_t panel = steps * kPanelStep;
    for (size_t j = 0; j < n; j += kPanel) {
      for (size_t i = 0; i < m; i += kPanel) {
        const size_t rows = std::min(kPanel, m - i);
        const size_t cols = std::min(kPanel, n - j);
        Sum(b + j / kPanel * panel, cols, a + i / kPanel * panel, rows, steps, sums);
        Update(sums, rows, cols, block.alpha, block.beta, block.c + j * ldc + i, ldc);
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
