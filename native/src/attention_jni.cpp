// The Java side of lavis4j/attention.h: the native methods of io.lavis4j.tensor.AttentionLibrary.
// Java knows the memory of tensors by addresses.
#include <jni.h>

#include <cstddef>

#include "lavis4j/attention.h"

namespace {

// The numbers of an array.
template <size_t kCount>
struct Numbers {
  jlong at[kCount] = {};

  Numbers(JNIEnv* env, jlongArray array) {
    env->GetLongArrayRegion(array, 0, static_cast<jsize>(kCount), at);
  }
};

lavis4j_heads Heads(JNIEnv* env, jlongArray heads) {
  if (heads == nullptr) {
    return {nullptr, 0, 0, 0};
  }
  const Numbers<4> n(env, heads);
  return {reinterpret_cast<float*>(n.at[0]), n.at[1], n.at[2], n.at[3]};
}

lavis4j_attention_mask Mask(JNIEnv* env, jlongArray mask) {
  if (mask == nullptr) {
    return {nullptr, 0, 0, 0, 0};
  }
  const Numbers<5> n(env, mask);
  return {reinterpret_cast<const float*>(n.at[0]), n.at[1], n.at[2], n.at[3], n.at[4]};
}

}  // namespace

extern "C" {

JNIEXPORT void JNICALL Java_io_lavis4j_tensor_AttentionLibrary_forward(
    JNIEnv* env, jclass /*type*/, jlongArray sizes, jfloat scale, jlongArray q, jlongArray k,
    jlongArray v, jlongArray mask, jlong weights, jlongArray y, jint threads) {
  const Numbers<5> n(env, sizes);
  const lavis4j_attention attention{n.at[0],
                                    n.at[1],
                                    n.at[2],
                                    n.at[3],
                                    n.at[4],
                                    scale,
                                    0,
                                    Heads(env, q),
                                    Heads(env, k),
                                    Heads(env, v),
                                    Mask(env, mask),
                                    reinterpret_cast<float*>(weights),
                                    threads};
  lavis4j_attention_forward(&attention, Heads(env, y));
}

JNIEXPORT void JNICALL Java_io_lavis4j_tensor_AttentionLibrary_backward(
    JNIEnv* env, jclass /*type*/, jlongArray sizes, jfloat scale, jfloat kept, jlongArray q,
    jlongArray k, jlongArray v, jlong weights, jlongArray dy, jlongArray dq, jlongArray dk,
    jlongArray dv, jint threads) {
  const Numbers<5> n(env, sizes);
  const lavis4j_attention attention{n.at[0],
                                    n.at[1],
                                    n.at[2],
                                    n.at[3],
                                    n.at[4],
                                    scale,
                                    kept,
                                    Heads(env, q),
                                    Heads(env, k),
                                    Heads(env, v),
                                    {nullptr, 0, 0, 0, 0},
                                    reinterpret_cast<float*>(weights),
                                    threads};
  lavis4j_attention_backward(&attention, Heads(env, dy), Heads(env, dq), Heads(env, dk),
                             Heads(env, dv));
}

}  // extern "C"
