#include "taps.h"

#include <algorithm>
#include <cmath>

namespace lavis4j {
namespace {

constexpr double kA = -0.5;

double Kernel(double x) {
  const double d = std::abs(x);
  if (d < 1) {
    return ((kA + 2) * d - (kA + 3)) * d * d + 1;
  }
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * kA : 0;
}

}  // namespace

bool Taps::Make(const Axis& in, int out, int offset, int count) {
  const double scale = in.extent / out;
  const double widening = std::max(scale, 1.0);
  const double support = 2 * widening;
  const double step = 1 / widening;
  const double widest = std::ceil(support) * 2 + 1;
  const size_t size = static_cast<size_t>(count);
  count_ = count;
  longest_ = widest < in.pixels ? static_cast<int>(widest) : in.pixels;
  if (!starts_.Reserve(size) || !lengths_.Reserve(size) ||
      !weights_.Reserve(size * static_cast<size_t>(longest_)) ||
      !exact_.Reserve(static_cast<size_t>(longest_))) {
    return false;
  }
  for (size_t i = 0; i < size; i++) {
    const double centre = in.start + (offset + static_cast<int>(i) + 0.5) * scale;
    const int start = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int length = static_cast<int>(std::min(centre + support + 0.5, 0.0 + in.pixels)) - start;
    double sum = 0;
    for (int k = 0; k < length; k++) {
      const double value = Kernel((k + start - centre + 0.5) * step);
      exact_[static_cast<size_t>(k)] = value;
      sum += value;
    }
    int32_t* weights = weights_.data() + i * static_cast<size_t>(longest_);
    for (int k = 0; k < length; k++) {
      const double value = exact_[static_cast<size_t>(k)];
      const double weight = sum == 0 ? value : value / sum;
      weights[k] = static_cast<int32_t>(weight * (1 << kPrecisionBits) + (weight < 0 ? -0.5 : 0.5));
    }
    starts_[i] = start;
    lengths_[i] = length;
  }
  return true;
}

}  // namespace lavis4j
