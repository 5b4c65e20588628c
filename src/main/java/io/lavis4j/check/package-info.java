/**
 * Data looked at before a run: {@link io.lavis4j.check.DataCheck} opens what a configuration uses as training and
 * evaluation open it, reads every image, and foretells what they will say; {@link io.lavis4j.check.RootCheck} looks at
 * a data root by the catalog of downloads.
 *
 * <p>A run fails on images that cannot be read by rules that depend on the order of samples and on what replaces a
 * broken one. {@link io.lavis4j.check.Rehearsal} therefore lets the run's own loading go by, in which whole images are
 * not read again.
 */
@NullMarked
package io.lavis4j.check;

import org.jspecify.annotations.NullMarked;
