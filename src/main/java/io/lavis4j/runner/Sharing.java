package io.lavis4j.runner;

import io.lavis4j.config.Section;

/**
 * What several processes of a run share among them.
 *
 * @param optimizer ours, key {@code shard_optimizer}: AdamW's state of a parameter is in one process alone; false by
 *     default
 * @param evaluation key {@code use_dist_eval_sampler}: each process evaluates some of the batches, true by default, or
 *     all of them
 */
public record Sharing(boolean optimizer, boolean evaluation) {

    static Sharing read(Section run) {
        return new Sharing(run.flag("shard_optimizer", false), run.flag("use_dist_eval_sampler", true));
    }
}
