"""Batch normalisation and recurrent cells as people publish them in courses, with their own backward functions.

Written anew, in the styles that one meets: intermediates by name, steps in a loop. Nothing in it knows of graphs.
"""

import numpy as np
from course_code.regression import sigmoid

# ruff: noqa: RUF059  (it is their style)


def batchnorm_loss(x, gamma, beta, target, eps=1e-5):
    N, D = x.shape
    mu = 1.0 / N * np.sum(x, axis=0)
    xmu = x - mu
    sq = xmu**2
    var = 1.0 / N * np.sum(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    gammax = gamma * xhat
    out = gammax + beta
    return np.sum((out - target) ** 2)


def batchnorm_backward(x, gamma, beta, target, eps=1e-5):
    N = len(x)
    std = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / std
    dout = 2 * (gamma * xhat + beta - target)
    dxhat = dout * gamma
    dx = (N * dxhat - dxhat.sum(axis=0) - xhat * np.sum(dxhat * xhat, axis=0)) / (N * std)
    return {"dx": dx, "dgamma": np.sum(dout * xhat, axis=0), "dbeta": dout.sum(axis=0)}


def rnn_cell_forward(xt, a_prev, parameters):
    Wax, Waa, Wya = parameters["Wax"], parameters["Waa"], parameters["Wya"]
    a_next = np.tanh(np.dot(Waa, a_prev) + np.dot(Wax, xt) + parameters["ba"])
    yt_pred = np.dot(Wya, a_next)
    return a_next, yt_pred


def rnn_loss(x, y, a0, parameters):
    a = a0
    loss = 0
    for t in range(x.shape[2]):
        a, yt = rnn_cell_forward(x[:, :, t], a, parameters)
        loss += np.sum((yt - y[:, :, t]) ** 2)
    return loss


def lstm_step(xt, a_prev, c_prev, Wf, Wi, Wc, Wo):
    concat = np.concatenate((a_prev, xt), axis=0)
    ft = sigmoid(Wf @ concat)
    it = sigmoid(Wi @ concat)
    cct = np.tanh(Wc @ concat)
    c_next = ft * c_prev + it * cct
    ot = sigmoid(Wo @ concat)
    a_next = ot * np.tanh(c_next)
    return np.sum(a_next**2), a_next, c_next
