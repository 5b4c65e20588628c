#include "softmax.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/ops/_log_softmax.h>
#include <ATen/ops/_log_softmax_backward_data.h>
#include <ATen/ops/_softmax.h>
#include <ATen/ops/_softmax_backward_data.h>

#include "memory.h"

namespace lavis4j::numbers {
namespace {

using Forward = at::Tensor (*)(const at::Tensor&, int64_t, bool);
using Backward = at::Tensor (*)(const at::Tensor&, const at::Tensor&, int64_t, at::ScalarType);

// `half_to_float`: the result of an input in 16 bits is in fp32.
template <Forward kernel>
at::Tensor forward(const at::Tensor& self, int64_t dim, bool half_to_float) {
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  const at::Tensor host = on_host(self);
  const at::Tensor input = half_to_float ? host.to(at::kFloat) : host;
  return on_device(kernel(input, dim, false), self.device());
}

// The gradient is of the input's type, whatever the output's was.
template <Backward kernel>
at::Tensor backward(const at::Tensor& gradient, const at::Tensor& output, int64_t dim,
                    at::ScalarType input_type) {
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  const at::Tensor host = on_host(output);
  const at::Tensor result = kernel(on_host(gradient), host, dim, host.scalar_type());
  return on_device(result.to(input_type), output.device());
}

}  // namespace

void register_softmax(torch::Library* cuda) {
  cuda->impl("_softmax", forward<&at::_softmax>);
  cuda->impl("_log_softmax", forward<&at::_log_softmax>);
  cuda->impl("_softmax_backward_data", backward<&at::_softmax_backward_data>);
  cuda->impl("_log_softmax_backward_data", backward<&at::_log_softmax_backward_data>);
}

}  // namespace lavis4j::numbers
