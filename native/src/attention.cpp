#include "attention.h"

#include <omp.h>

#include <new>

#include "attention_loops.h"

namespace lavis4j {
namespace {

// Multiply-adds that each thread of a team must have, as in stored.cpp.
constexpr double kWorkPerThread = 2e6;

constexpr std::align_val_t kAlignment{64};

// For any processor: vectors of four, which GCC makes of what there is.
struct Plain {
  static constexpr size_t kLanes = 4;
  static constexpr size_t kVectors = 2;
  static constexpr size_t kSums = 12;
};

const AttentionKernel& Best() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    return kAvx512Attention;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return kAvx2Attention;
  }
#endif
  return kPlainAttention;
}

struct Place {
  int64_t batch;
  int64_t head;
};

template <typename T>
HeadRows<T> At(const lavis4j_heads& x, Place at) {
  return {x.data == nullptr ? nullptr : x.data + at.batch * x.batch + at.head * x.head,
          static_cast<size_t>(x.row)};
}

AttentionHead HeadAt(const lavis4j_attention& a, Place at) {
  const auto& mask = a.mask;
  const int64_t weights = (at.batch * a.heads + at.head) * a.queries * a.keys;
  return {At<const float>(a.q, at), At<const float>(a.k, at), At<const float>(a.v, at),
          mask.data == nullptr ? nullptr : mask.data + at.batch * mask.batch + at.head * mask.head,
          a.weights == nullptr ? nullptr : a.weights + weights};
}

// Calls work(item, scratch) for each of items, on as many threads as the products are worth.
template <typename Work>
void ForEach(const lavis4j_attention& a, const AttentionKernel& kernel, int64_t items, int products,
             Work work) {
  const double size = static_cast<double>(a.batches * a.heads) * static_cast<double>(a.queries) *
                      static_cast<double>(a.keys) * static_cast<double>(a.width) * products;
  const int threads = std::clamp(static_cast<int>(std::min(size / kWorkPerThread, 1e6)), 1,
                                 static_cast<int>(a.threads));
#pragma omp parallel num_threads(threads)
  {
    auto* scratch = static_cast<float*>(
        operator new[](std::max<size_t>(kernel.scratch(a), 1) * sizeof(float), kAlignment));
#pragma omp for schedule(dynamic, 1)
    for (int64_t item = 0; item < items; item++) {
      work(item, scratch);
    }
    operator delete[](scratch, kAlignment);
  }
}

const AttentionKernel& Kernel() {
  static const AttentionKernel& kernel = Best();
  return kernel;
}

}  // namespace

const AttentionKernel kPlainAttention = AttentionLoops<Plain>::Kernel();

void AttendForward(const AttentionKernel& kernel, const lavis4j_attention& a,
                   const lavis4j_heads& y) {
  const auto blocks = static_cast<int64_t>(QueryBlocks(static_cast<size_t>(a.queries)));
  ForEach(a, kernel, a.batches * a.heads * blocks, 2, [&](int64_t item, float* scratch) {
    const Place at{item / blocks / a.heads, item / blocks % a.heads};
    kernel.forward(a, HeadAt(a, at), static_cast<size_t>(item % blocks), At<float>(y, at), scratch);
  });
}

void AttendBackward(const AttentionKernel& kernel, const lavis4j_attention& a,
                    const AttentionGradientHeads& gradients) {
  ForEach(a, kernel, a.batches * a.heads, 4, [&](int64_t item, float* scratch) {
    const Place at{item / a.heads, item % a.heads};
    const AttentionGradients of{At<const float>(gradients.y, at), At<float>(gradients.q, at),
                                At<float>(gradients.k, at), At<float>(gradients.v, at)};
    kernel.backward(a, HeadAt(a, at), of, scratch);
  });
}

}  // namespace lavis4j

extern "C" {

void lavis4j_attention_forward(const lavis4j_attention* attention, lavis4j_heads y) {
  lavis4j::AttendForward(lavis4j::Kernel(), *attention, y);
}

void lavis4j_attention_backward(const lavis4j_attention* attention, lavis4j_heads dy,
                                lavis4j_heads dq, lavis4j_heads dk, lavis4j_heads dv) {
  lavis4j::AttendBackward(lavis4j::Kernel(), *attention, {dy, dq, dk, dv});
}

}  // extern "C"
