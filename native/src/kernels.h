// The inner loops of resizing, in several builds of one source for the processors of today.
#ifndef LAVIS4J_SRC_KERNELS_H_
#define LAVIS4J_SRC_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace lavis4j {

// Weights are whole numbers of 2^-22; sums start at a half.
constexpr int kPrecisionBits = 22;
constexpr int32_t kHalf = 1 << (kPrecisionBits - 1);

// Rows that are resized along x together.
constexpr size_t kBand = 8;

// Rows are processed in pieces of this many bytes, so bytes beyond a row's end are read and
// written.
constexpr size_t kPiece = 32;

// The size of a row of this many bytes with its padding.
constexpr size_t Padded(size_t length) { return (length + kPiece - 1) / kPiece * kPiece; }

// Pixels that make pixels: of result pixel i they are number starts[i] and the following,
// lengths[i] in all, with the weights from i * stride on.
struct TapsView {
  int32_t count;
  const int32_t* starts;
  const int32_t* lengths;
  const int32_t* weights;
  size_t stride;
};

// A band of rows on its way along x. All rows are padded.
struct Band {
  const uint8_t* in[kBand];
  size_t in_length;  // bytes
  int32_t first;     // number of the first pixel of in
  uint8_t* out[kBand];
  size_t out_length;  // bytes, 3 for each result pixel
  uint8_t* columns;   // scratch, (padded in_length, kBand)
  uint8_t* narrow;    // scratch, (padded out_length, kBand)
};

struct Kernels {
  // Resizes a band of pixels along x.
  void (*horizontal)(const Band& band, const TapsView& taps);

  // out = the sum of rows times weights, rounded to 8 bits. rows: (count) of (length) bytes, padded
  // as out is
  void (*vertical)(const uint8_t* const* rows, const int32_t* weights, int32_t count, size_t length,
                   uint8_t* out);
};

// For any processor.
extern const Kernels kPortableKernels;

#if defined(__x86_64__)
// For processors with AVX2.
extern const Kernels kAvx2Kernels;
#endif

// The fastest that this processor can run.
const Kernels& BestKernels();

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_KERNELS_H_
