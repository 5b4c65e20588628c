// Products of packed blocks, in the loops of Goto and van de Geijn, "Anatomy of High-Performance
// Matrix Multiplication" (2008): a panel of B stays in the first cache, a block of A in the second.
#ifndef LAVIS4J_SRC_BLOCKS_H_
#define LAVIS4J_SRC_BLOCKS_H_

#include <algorithm>
#include <new>

#include "panels.h"
#include "product.h"

namespace lavis4j {

// A matrix whose element (i, k) stands at data[i * row + k * step]; row or step is 1.
struct Operand {
  const float* data;
  size_t row;
  size_t step;

  Operand From(size_t i, size_t k) const { return {data + i * row + k * step, row, step}; }
};

// Some lines of an operand, or none.
struct Lines {
  Operand from;
  size_t count;
  size_t depth;
};

// Memory for packed numbers, one of each kind for a thread, for as long as it lives.
template <typename T>
class Scratch {
 public:
  explicit Scratch(size_t size) : data_(new (kAlignment) T[size]) {}
  ~Scratch() { operator delete[](data_, kAlignment); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  T* data() { return data_; }

 private:
  static constexpr std::align_val_t kAlignment{64};

  T* data_;
};

// Part number index of parts of a product's sums, which adds to those before it.
inline Gemm<float> DepthPart(const Gemm<float>& p, int64_t parts, int64_t index) {
  Gemm<float> part = p;
  const auto begin = static_cast<int>(p.k * index / parts);
  part.k = static_cast<int>(p.k * (index + 1) / parts) - begin;
  part.a = Advance(p.a, begin, p.transposed_a ? 1 : p.lda);
  part.b = Advance(p.b, begin, p.transposed_b ? p.ldb : 1);
  part.beta = index == 0 ? p.beta : 1;
  part.layer = p.layer.Part(index == 0, index + 1 == parts);
  return part;
}

// How many parts of at most `most` numbers the sums of a product have.
inline int64_t DepthParts(const Gemm<float>& p, int most) {
  return (int64_t{p.k} + most - 1) / most;
}

// The product's A.
inline Operand OperandA(const Gemm<float>& p) {
  const auto lda = static_cast<size_t>(p.lda);
  return {p.a, p.transposed_a ? lda : 1, p.transposed_a ? 1 : lda};
}

// Computes a divisible product block by block on the calling thread. A kernel has the type Packed of
// what it packs; kBlockRows, kBlockCols and kDepth, the most of a block, and kPackedA and kPackedB,
// what that takes; PackA and PackB, which pack `count` rows (columns) of `depth` numbers, or cannot
// pack them and say false; and Multiply, which computes a block of the product from both, with what
// its layer says, and hears which rows are packed next.
template <typename Kernel>
void MultiplyBlocks(const Gemm<float>& p) {
  thread_local Scratch<typename Kernel::Packed> packed_a(Kernel::kPackedA);
  thread_local Scratch<typename Kernel::Packed> packed_b(Kernel::kPackedB);
  const auto size = [](int number) { return static_cast<size_t>(number); };
  const int64_t parts = DepthParts(p, Kernel::kDepth);
  const auto rows = [&](int64_t part, int row) {  // of a block, or of the first of the next part
    const bool goes_on = row < p.m;
    if (!goes_on && part + 1 == parts) {
      return Lines{};
    }
    const Gemm<float> from = DepthPart(p, parts, goes_on ? part : part + 1);
    const int first = goes_on ? row : 0;
    return Lines{OperandA(from).From(size(first), 0), size(std::min(Kernel::kBlockRows, p.m - first)),
                 size(from.k)};
  };
  const int blocks = (p.n + Kernel::kBlockCols - 1) / Kernel::kBlockCols;
  for (int index = 0; index < blocks; index++) {
    const Range cols = Part(p.n, blocks, index);
    for (int64_t part = 0; part < parts; part++) {
      Gemm<float> block = DepthPart(p, parts, part);
      const Layer<float> layer = block.layer;
      const Operand b{block.b, p.transposed_b ? 1 : size(p.ldb), p.transposed_b ? size(p.ldb) : 1};
      block.n = cols.size;
      const Operand b_block = b.From(size(cols.begin), 0);
      block.b = b_block.data;
      const bool has_b = Kernel::PackB(b_block, size(block.n), size(block.k), packed_b.data());
      for (int row = 0; row < p.m; row += Kernel::kBlockRows) {
        const Lines a = rows(part, row);
        block.m = static_cast<int>(a.count);
        block.a = a.from.data;
        block.c = Advance(p.c, cols.begin, p.ldc) + row;
        block.layer = layer.Block(row, cols.begin);
        if (has_b && Kernel::PackA(a.from, a.count, a.depth, packed_a.data())) {
          Kernel::Multiply(packed_a.data(), packed_b.data(), block,
                           rows(part, row + Kernel::kBlockRows));
        } else {
          MultiplyPanels(block);
        }
      }
    }
  }
}

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_BLOCKS_H_
