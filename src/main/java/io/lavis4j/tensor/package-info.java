/**
 * The ground of every layer above, on libtorch: scopes, dtypes, devices, random state, autocast, and recomputation in
 * backward.
 *
 * <p>Memory is libtorch's, outside the Java heap, and freed by whoever owns it, never by luck:
 *
 * <ul>
 *   <li>whoever owns a loop owns a {@link org.bytedeco.javacpp.PointerScope}: one per training step, decoded token or
 *       batch, which frees all that was made inside it;
 *   <li>a result leaves a scope through {@link io.lavis4j.tensor.Scopes#keep}, into the scope that was open before;
 *   <li>a tensor that outlives every scope is made by {@link io.lavis4j.tensor.Scopes#retained}, and its owner closes
 *       it;
 *   <li>the loop over a model's blocks is {@link io.lavis4j.tensor.Scopes#through}, which frees each block's
 *       temporaries.
 * </ul>
 *
 * <p>Scopes belong to one thread. A number leaves a scope freely, a tensor does not.
 */
@NullMarked
package io.lavis4j.tensor;

import org.jspecify.annotations.NullMarked;
