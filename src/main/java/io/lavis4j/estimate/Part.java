package io.lavis4j.estimate;

/**
 * Memory of one part of a model in one kind of pass, in bytes.
 *
 * @param name in words
 * @param parameters numbers in its parameters
 * @param trained of these
 * @param weights the parameters
 * @param gradients of what is trained
 * @param optimizer AdamW's two moments of what is trained
 * @param casts copies in 16 bits of what can be trained, until backward has used them or autocast ends
 * @param activations in training what forward keeps for backward, else what the largest block makes
 * @param cache keys and values while words are written
 */
public record Part(
        String name,
        long parameters,
        long trained,
        long weights,
        long gradients,
        long optimizer,
        long casts,
        long activations,
        long cache) {

    /** A part that learns. */
    static Part training(String name, Weights weights, boolean halfPrecision, long activations) {
        return new Part(
                name,
                weights.count(),
                weights.trained(),
                weights.bytes(),
                weights.gradients(),
                weights.optimizer(),
                halfPrecision ? weights.casts() : 0,
                activations,
                0);
    }

    /** A part that is evaluated, in a job that trains beside its optimizer's state. */
    static Part evaluation(
            String name, Weights weights, boolean inTraining, boolean halfPrecision, long activations, long cache) {
        return new Part(
                name,
                weights.count(),
                weights.trained(),
                weights.bytes(),
                0,
                inTraining ? weights.optimizer() : 0,
                halfPrecision ? weights.casts() : 0,
                activations,
                cache);
    }

    /** The same whose gradients count elsewhere. */
    Part withoutGradients() {
        return new Part(name, parameters, trained, weights, 0, optimizer, casts, activations, cache);
    }

    /** Gradients of whatever part. */
    static Part ofGradients(String name, long gradients) {
        return new Part(name, 0, 0, 0, gradients, 0, 0, 0, 0);
    }

    /** Tensors that belong to no part. */
    static Part withoutWeights(String name, long activations) {
        return new Part(name, 0, 0, 0, 0, 0, 0, activations, 0);
    }

    /** There from the second step to the end. */
    long lasting() {
        return weights + optimizer;
    }
}
