/**
 * METEOR 1.5 (Denkowski and Lavie, 2014): {@link io.lavis4j.metric.meteor.Meteor} from the tables of the user,
 * {@link io.lavis4j.metric.meteor.MeteorJar} by the original program.
 */
@NullMarked
package io.lavis4j.metric.meteor;

import org.jspecify.annotations.NullMarked;
