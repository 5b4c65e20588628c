// Products of few rows: every element of the result is the dot product of two rows in memory.
//
// A layer's product with few rows x is bound by reading the layer's weights, which a general product
// copies into panels first. Here they are read once, as they lie.
#ifndef LAVIS4J_SRC_DOTS_H_
#define LAVIS4J_SRC_DOTS_H_

#include <cstddef>

namespace lavis4j {

// Numbers of a row that are packed side by side, whatever the processor: a cache line.
constexpr size_t kLine = 16;

inline size_t Lines(size_t depth) { return (depth + kLine - 1) / kLine; }

// y[r][i] = alpha * (weights[i] . x[r]) + beta * y[r][i] for i < outputs and r < rows. Rows have
// depth numbers and stand strides apart; with beta = 0, y is not read. The order of a sum depends on
// depth alone, so a row's results are the same in whatever company it comes.
struct Dots {
  const float* weights;
  size_t weights_stride;
  size_t outputs;
  const float* packed;  // x, see PackedRows
  size_t rows;
  size_t depth;
  float alpha;
  float beta;
  float* y;
  size_t y_stride;
};

// The loops for one instruction set, which multiply four rows of weights with at most tile_rows of x
// at a time.
struct DotsKernel {
  size_t tile_rows;
  void (*run)(const Dots& dots);
};

#if defined(__x86_64__)
extern const DotsKernel kAvx2Dots;    // needs FMA, too
extern const DotsKernel kAvx512Dots;  // needs AVX-512 F
#endif

// The fastest that this processor can run, or null.
const DotsKernel* BestDots();

// A copy of rows for a kernel: tiles of at most tile_rows rows, as equal as can be, one after the
// other; in a tile the first kLine numbers of all its rows, then the next, and so on. Zeros fill the
// last line of a row.
class PackedRows {
 public:
  PackedRows(size_t rows, size_t depth, size_t tile_rows);
  ~PackedRows();
  PackedRows(const PackedRows&) = delete;
  PackedRows& operator=(const PackedRows&) = delete;

  // Copies part number part of parts of all rows, which stand stride apart. Parts may be copied at
  // once.
  void Fill(const float* x, size_t stride, size_t part, size_t parts);

  const float* data() const { return data_; }

 private:
  size_t rows_;
  size_t depth_;
  size_t tiles_;
  float* data_;
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_DOTS_H_
