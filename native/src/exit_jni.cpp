// The Java side of lavis4j/exit.h: the native method of io.lavis4j.tensor.PromptExit.
#include <jni.h>

#include "lavis4j/exit.h"

extern "C" {

JNIEXPORT void JNICALL Java_io_lavis4j_tensor_PromptExit_withoutDestructors(JNIEnv* /*env*/,
                                                                            jclass /*type*/) {
  lavis4j_exit_without_destructors();
}

}  // extern "C"
