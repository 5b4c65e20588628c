/**
 * Files to state dicts and back: safetensors, PyTorch's {@code .pth} in both its forms, and sharded folders of either.
 *
 * <p>A state dict is an ordered map of names to tensors. Tensors read from a file are views of the mapped file: opening
 * a checkpoint of any size takes no memory of its own, pages come in as they are first touched, and the mapping lives
 * as long as the last of its tensors. Writing into such a tensor changes this process's copy of the page, never the
 * file. All tensors of a file share one libtorch storage, so two names are tied when their {@code data_ptr()}s are
 * equal, not when their storages are.
 *
 * <p>Tensors returned belong to the innermost {@code PointerScope} that was open on the calling thread when the method
 * was called; without one the garbage collector frees them. A file must not be shortened while it is mapped; replacing
 * it by a move, as the writers here do, is safe.
 *
 * <p>Reading runs no code from the file. All trouble with a file is a {@link io.lavis4j.checkpoint.CheckpointException}
 * that begins with its path.
 */
@NullMarked
package io.lavis4j.checkpoint;

import org.jspecify.annotations.NullMarked;
