// Products of few rows: every element of the result is the dot product of two rows in memory.
//
// A layer's product with few rows x is bound by reading the layer's weights, which a general product
// copies into panels first. Here they are read once, as they lie.
#ifndef LAVIS4J_SRC_DOTS_H_
#define LAVIS4J_SRC_DOTS_H_

#include <cstddef>

namespace lavis4j {

// Rows of depth numbers that stand stride apart.
struct Rows {
  const float* data;
  size_t stride;
  size_t count;
  size_t depth;
};

// y[r][i] = alpha * (weights[i] . x[r]) + beta * y[r][i] for all rows r of x and i < outputs. With
// beta = 0, y is not read. The order of a sum depends on depth alone, so a row's results are the same
// in whatever company it comes.
struct Dots {
  const float* weights;
  size_t weights_stride;
  size_t outputs;
  Rows x;
  const void* packed;  // x, see PackedRows
  float alpha;
  float beta;
  float* y;
  size_t y_stride;
};

// The loops for one instruction set, and rows in the order in which they want them.
struct DotsKernel {
  size_t (*packed_bytes)(const Rows& x);
  // Writes part number part of parts of all rows. Parts may be written at once.
  void (*pack)(const Rows& x, size_t part, size_t parts, void* packed);
  void (*run)(const Dots& dots);
};

#if defined(__x86_64__)
extern const DotsKernel kAvx2Dots;    // needs FMA, too
extern const DotsKernel kAvx512Dots;  // needs AVX-512 F
extern const DotsKernel kAmxDots;     // needs HasTiles
#endif

// The fastest for weights of this size that this processor can run, or null.
const DotsKernel* BestDots(size_t outputs, size_t depth);

// A copy of rows for a kernel.
class PackedRows {
 public:
  PackedRows(const DotsKernel& kernel, const Rows& x);
  ~PackedRows();
  PackedRows(const PackedRows&) = delete;
  PackedRows& operator=(const PackedRows&) = delete;

  // Copies part number part of parts of all rows. Parts may be copied at once.
  void Fill(size_t part, size_t parts) { kernel_.pack(x_, part, parts, data_); }

  const void* data() const { return data_; }

 private:
  const DotsKernel& kernel_;
  Rows x_;
  void* data_;
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_DOTS_H_
