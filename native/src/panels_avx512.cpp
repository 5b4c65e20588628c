// Compiled for AVX-512 F: nothing here may run on processors without it.
#include "panels.h"

#if defined(__x86_64__)
#include "layer.h"
#include "panel_tiles.h"
#include "streams.h"

namespace lavis4j {
namespace {

constexpr size_t kRows = 48;  // of a tile of the result: three vectors
constexpr size_t kCols = kSums / 3;

// All panels of count rows, one after the other.
template <size_t kWidth>
void Pack(const Operand& from, size_t count, size_t depth, float* to) {
  for (size_t i = 0; i < count; i += kWidth) {
    PackPanel<kWidth>(from.From(i, 0), std::min(kWidth, count - i), depth, to);
    to += kWidth * depth;
  }
}

struct PanelKernel {
  using Packed = float;
  static constexpr int kDepth = kPanelDepth;
  static constexpr int kBlockRows = 3 * kRows;  // and as many that are fetched
  static constexpr int kBlockCols = 192 * kCols;
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

  static void Multiply(const float* a, const float* b, const Gemm<float>& block,
                       const Lines& next) {
    const auto m = static_cast<size_t>(block.m);
    const auto n = static_cast<size_t>(block.n);
    const auto depth = static_cast<size_t>(block.k);
    const auto ldc = static_cast<size_t>(block.ldc);
    const size_t tiles = (m + kRows - 1) / kRows * ((n + kCols - 1) / kCols);
    Fetcher fetcher(next, tiles * depth);
    for (size_t j = 0; j < n; j += kCols) {
      for (size_t i = 0; i < m; i += kRows) {
        const PackedColumns<kCols> columns{b + j * depth};
        const size_t rows = std::min(kRows, m - i);
        const size_t cols = std::min(kCols, n - j);
        const Gemm<float> tile = block.Block({static_cast<int>(i), static_cast<int>(rows)},
                                             {static_cast<int>(j), static_cast<int>(cols)});
        const Update update{tile.alpha, tile.beta, tile.layer.bias};
        FetchResidual(tile);
        if (rows == kRows && cols == kCols) {
          MultiplyTile<3, kCols>(a + i * depth, columns, depth, update, tile.c, ldc, fetcher);
        } else {
          MultiplyEdge<3, kCols>(a + i * depth, columns, depth, update, tile.c, ldc,
                                 {rows, 0, cols}, fetcher);
        }
        FinishLayer(tile);
      }
    }
  }
};

}  // namespace

void MultiplyPanels(const Gemm<float>& product) {
  if (IsStream(product)) {
    MultiplyStream(product);
  } else {
    MultiplyBlocks<PanelKernel>(product);
  }
}

}  // namespace lavis4j
#endif
