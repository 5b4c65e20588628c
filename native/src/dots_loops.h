// The loops of dots.h for the vectors V of an instruction set.
#ifndef LAVIS4J_SRC_DOTS_LOOPS_H_
#define LAVIS4J_SRC_DOTS_LOOPS_H_

#include <algorithm>

#include "dots.h"

namespace lavis4j {

// Numbers of a row that are packed side by side: a cache line.
constexpr size_t kLine = 16;

inline size_t Lines(size_t depth) { return (depth + kLine - 1) / kLine; }

template <typename V>
class DotTiles {
 public:
  static constexpr DotsKernel Kernel() { return {PackedBytes, Pack, Run}; }

 private:
  static size_t PackedBytes(const Rows& x) {
    return x.count * Lines(x.depth) * kLine * sizeof(float);
  }

  // Passes of rows, as equal as can be, one after the other; in a pass the first kLine numbers of all
  // its rows, then the next, and so on. Zeros fill the last line of a row.
  static void Pack(const Rows& x, size_t part, size_t parts, void* packed) {
    const size_t lines = Lines(x.depth);
    const size_t first = lines * part / parts;
    const size_t last = lines * (part + 1) / parts;
    const size_t passes = Passes(x.count);
    for (size_t pass = 0; pass < passes; pass++) {
      const size_t begin = x.count * pass / passes;
      const size_t end = x.count * (pass + 1) / passes;
      float* to = static_cast<float*>(packed) + (begin * lines + (end - begin) * first) * kLine;
      for (size_t k = first * kLine; k < last * kLine; k += kLine) {
        const size_t count = std::min(kLine, x.depth - k);
        for (size_t row = begin; row < end; row++) {
          std::copy_n(x.data + row * x.stride + k, count, to);
          std::fill(to + count, to + kLine, 0.0F);
          to += kLine;
        }
      }
    }
  }

  // Four rows and more take two passes at least: while weights come from memory, more than three
  // rows would have them wait.
  static size_t Passes(size_t rows) {
    return std::max<size_t>((rows + V::kTileRows - 1) / V::kTileRows, rows < 4 ? 1 : 2);
  }

  // Weights are read as kStreams streams, each from the first to the last row of its share of the
  // outputs, as in stored_loops.h.
  static void Run(const Dots& dots) {
    const size_t share = dots.outputs / kStreams;
    for (size_t i = 0; i < share; i++) {
      AllTiles<kStreams>(dots, i, share);
    }
    for (size_t i = kStreams * share; i < dots.outputs; i++) {
      AllTiles<1>(dots, i, 0);
    }
  }

  template <size_t kCount>
  static void AllTiles(const Dots& dots, size_t i, size_t step) {
    const size_t lines = Lines(dots.x.depth);
    const size_t tiles = (lines + kTileLines - 1) / kTileLines;
    for (size_t tile = 0; tile < tiles; tile++) {
      const size_t line = lines * tile / tiles;
      Tile<kCount>{dots, i, step, line, lines * (tile + 1) / tiles - line}.AllRows();
    }
  }

  static constexpr size_t kStreams = 4;
  // A tile of weights and one of x of so many lines stay in the first cache of 32 KiB.
  static constexpr size_t kTileLines = 480 / (kStreams + V::kTileRows);

  // Weights i, i + step, ..., kCount of them, of which the numbers in lines line, ... are
  // multiplied.
  template <size_t kCount>
  struct Tile {
    const Dots& dots;
    size_t i;
    size_t step;
    size_t line;
    size_t lines;

    void AllRows() const {
      const size_t passes = Passes(dots.x.count);
      for (size_t pass = 0; pass < passes; pass++) {
        const size_t begin = dots.x.count * pass / passes;
        const size_t rows = dots.x.count * (pass + 1) / passes - begin;
        // Every pass fetches its share of the next weights, so that no pass waits for memory.
        if (passes == 1) {
          Choose<V::kTileRows, kStreams>(begin, rows, 0);
        } else if (passes < 4) {
          Choose<V::kTileRows, 2>(begin, rows, std::min<size_t>(2 * pass, 2));
        } else {
          Choose<V::kTileRows, 1>(begin, rows, std::min<size_t>(pass, 3));
        }
      }
    }

    template <size_t kMost, size_t kFetched>
    void Choose(size_t begin, size_t rows, size_t fetched) const {
      if constexpr (kMost > 1) {
        if (rows < kMost) {
          Choose<kMost - 1, kFetched>(begin, rows, fetched);
          return;
        }
      }
      // For a row alone a processor itself fetches far enough ahead, and faster.
      constexpr bool kFetches = kCount == kStreams && (kFetched < kStreams || kMost > 1);
      Multiply<kMost, kFetches ? kFetched : 0>(begin, fetched);
    }

    // Rows begin, ..., begin + kRows - 1; fetches the next tile of streams fetched, ....
    template <size_t kRows, size_t kFetched>
    void Multiply(size_t begin, size_t fetched) const {
      const size_t all = Lines(dots.x.depth);
      const float* x = static_cast<const float*>(dots.packed) + begin * all * kLine +
                       line * kRows * kLine;
      const size_t stride = step * dots.weights_stride;
      const float* w = dots.weights + i * dots.weights_stride + line * kLine;
      const float* next = w + fetched * stride + lines * kLine;
      typename V::Sum sums[kRows][kCount] = {};
      const size_t rest = dots.x.depth - line * kLine;
      const size_t whole = std::min(lines, rest / kLine);
      for (size_t k = 0; k < whole; k++) {
        for (size_t j = 0; j < kFetched; j++) {
          V::Prefetch(next + j * stride);
        }
        for (size_t half = 0; half < kLine; half += V::kLanes) {
          typename V::Lanes lanes[kCount];
          for (size_t j = 0; j < kCount; j++) {
            lanes[j] = V::Load(w + j * stride + half);
          }
          Add<kRows>(lanes, x + half, sums);
        }
        w += kLine;
        next += kLine;
        x += kRows * kLine;
      }
      if (whole < lines) {
        for (size_t half = 0; half < kLine; half += V::kLanes) {
          typename V::Lanes lanes[kCount];
          for (size_t j = 0; j < kCount; j++) {
            lanes[j] = V::LoadFirst(w + j * stride + half, static_cast<ptrdiff_t>(rest % kLine) -
                                                               static_cast<ptrdiff_t>(half));
          }
          Add<kRows>(lanes, x + half, sums);
        }
      }
#pragma GCC unroll 8
      for (size_t r = 0; r < kRows; r++) {  // unrolled, or the sums would lie in memory
        Store(sums[r], dots.y + (begin + r) * dots.y_stride + i);
      }
    }

    template <size_t kRows>
    static void Add(const typename V::Lanes (&lanes)[kCount], const float* x,
                    typename V::Sum (&sums)[kRows][kCount]) {
      for (size_t r = 0; r < kRows; r++) {
        const typename V::Lanes row = V::Load(x + r * kLine);
        for (size_t j = 0; j < kCount; j++) {
          sums[r][j] = V::MultiplyAdd(lanes[j], row, sums[r][j]);
        }
      }
    }

    void Store(const typename V::Sum (&sums)[kCount], float* y) const {
      if constexpr (kCount == kStreams) {
        const auto each = V::Add4(sums[0], sums[1], sums[2], sums[3]);
        for (size_t j = 0; j < kCount; j++) {
          Update(each[j], y + j * step);
        }
      } else {
        Update(V::Add1(sums[0]), y);
      }
    }

    void Update(float dot, float* y) const {
      const float beta = line > 0 ? 1 : dots.beta;
      float result = dots.alpha * dot;
      if (beta != 0) {
        result += beta * *y;
      }
      *y = result;
    }
  };
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_DOTS_LOOPS_H_
