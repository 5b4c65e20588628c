#include "random.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <mutex>
#include <tuple>

#include "memory.h"

namespace lavis4j::numbers {
namespace {

// What a kernel of CUDA moves the offset by when a thread of it draws once.
constexpr uint64_t kOffsetOfOneDraw = 4;

// Dropout in training; without it, or with p = 0, nothing is drawn.
std::tuple<at::Tensor, at::Tensor> native_dropout(const at::Tensor& input, double p,
                                                  std::optional<bool> train) {
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  at::Tensor result = at::empty_like(input);
  at::Tensor mask = at::empty_like(input, input.options().dtype(at::kBool));
  at::Tensor host_mask = on_host(mask);
  if (train.value_or(true) && p > 0) {
    host_mask.bernoulli_(1 - p, host_generator(std::nullopt, input.device()));
  } else {
    host_mask.fill_(true);
  }
  const double scale = !train.value_or(true) ? 1 : p == 1 ? 0 : 1 / (1 - p);
  on_host(result).copy_(on_host(input).mul(host_mask).mul_(scale));
  return {result, mask};
}

}  // namespace

at::Generator host_generator(const std::optional<at::Generator>& generator, c10::Device device) {
  at::Generator drawn = generator && generator->defined()
                            ? *generator
                            : at::globalContext().defaultGenerator(device);
  const std::scoped_lock lock(drawn.mutex());
  const uint64_t offset = drawn.get_offset();
  drawn.set_offset(offset + kOffsetOfOneDraw);
  // Neighbouring offsets must not give neighbouring seeds: 2^64 divided by the golden ratio.
  return at::make_generator<at::CPUGeneratorImpl>(drawn.current_seed() +
                                                  (offset + 1) * 0x9E3779B97F4A7C15ULL);
}

void register_random(torch::Library* cuda) { cuda->impl("native_dropout", native_dropout); }

}  // namespace lavis4j::numbers
