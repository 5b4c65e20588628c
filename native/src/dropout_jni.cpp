// The Java side of lavis4j/dropout.h: the native method of io.lavis4j.tensor.DropoutMask.
#include <jni.h>

#include "lavis4j/dropout.h"

extern "C" {

JNIEXPORT jint JNICALL Java_io_lavis4j_tensor_DropoutMask_fill(JNIEnv* env, jclass /*type*/,
                                                               jlong key, jdouble p, jobject mask,
                                                               jlong n, jint threads) {
  return lavis4j_dropout_mask(static_cast<uint64_t>(key), p,
                              static_cast<float*>(env->GetDirectBufferAddress(mask)), n, threads);
}

}  // extern "C"
