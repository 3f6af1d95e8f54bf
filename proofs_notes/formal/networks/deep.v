(** Deep ReLU networks: the branch q that section 0 of the blueprint has in mind, and the hidden part of T5's
    networks. They are Lipschitz with the product of their Frobenius norms.

    Definitions: [layer], one fully connected ReLU layer, entry n of a row being its bias; [forward], layers of the
    given widths after one another; [deep_relu], the branch made of them; [frobenius], the Frobenius norm of a
    matrix; [forward_lip], the product of the layers' Frobenius norms without their biases; [unbiased], all biases
    are 0, so that q(0) = 0.
    Statements: none; deep_relu_lipschitz meets a hypothesis of the others. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu.
From Skipscape.networks Require Import networks.
Import ListNotations.
Open Scope R_scope.

(** one layer: n numbers in, row j of M has the weights and, as entry n, the bias *)
Definition layer (n : nat) (M : matrix) (a : vector) : vector := fun j =>
  relu (\sum_(i < n) (M j i * a i) + M j n).

(** n numbers in, then layers of the given widths *)
Fixpoint forward (n : nat) (widths : list nat) (M : nat -> matrix) (a : vector) : vector :=
  match widths with
  | nil => a
  | h :: rest => forward h rest (fun d => M (S d)) (layer n (M O) a)
  end.

(** only the first n numbers count *)
Lemma forward_ext n widths M a b j : (forall i, (i < n)%nat -> a i = b i) -> widths <> nil ->
  forward n widths M a j = forward n widths M b j.
Proof.
  intros E Hw. destruct widths as [|h rest]; [easy|]. cbn [forward].
  replace (layer n (M O) a) with (layer n (M O) b); [easy|]. apply functional_extensionality; intros i.
  unfold layer. f_equal. f_equal. apply lsum_ext; intros k Hk. apply in_rng in Hk. now rewrite E.
Qed.

Definition deep_relu (n : nat) (widths : list nat) : branch :=
  Branch n (last widths n) (fun q a => forward n widths q a).

(** * It is Lipschitz: the product of the Frobenius norms of its matrices *)

Definition frobenius (n r : nat) (M : matrix) : R :=
  sqrt (\sum_(i < n) \sum_(s < r) (M i s)^2).

Lemma frobenius_opnorm n r M : opnorm_le n r M (frobenius n r M).
Proof.
  split; [apply sqrt_pos|]. intros v. apply wnorm_le_sq.
  - apply Rmult_le_pos; [apply sqrt_pos | apply enorm_nonneg].
  - unfold frobenius. rewrite Rpow_mult_distr, pow2_sqrt, enorm_sq, <- lsum_scal_r.
    + apply lsum_le; intros i _. rewrite Rmult_1_l. apply Cauchy_Schwarz_sq.
    + apply lsum_nonneg; intros. apply lsum_nonneg; intros. apply pow2_ge_0.
Qed.

Fixpoint forward_lip (n : nat) (widths : list nat) (M : nat -> matrix) : R :=
  match widths with
  | nil => 1
  | h :: rest => frobenius h n (M O) * forward_lip h rest (fun d => M (S d))
  end.

Lemma forward_lip_nonneg widths : forall n M, 0 <= forward_lip n widths M.
Proof.
  induction widths as [|h rest IH]; intros n M; simpl; [lra|].
  apply Rmult_le_pos; [apply sqrt_pos | apply IH].
Qed.

Lemma layer_lipschitz n h M a b :
  enorm h (fun s => layer n M a s - layer n M b s) <= frobenius h n M * enorm n (fun i => a i - b i).
Proof.
  eapply Rle_trans; [|apply (proj2 (frobenius_opnorm h n M) (fun i => a i - b i))].
  apply wnorm_mono; [apply one_nonneg|]. intros s _. unfold layer.
  eapply Rle_trans; [apply L1b_lipschitz|]. right. f_equal.
  rewrite (lsum_ext _ (fun i => M s i * (a i - b i)) (fun i => M s i * a i - M s i * b i)) by (intros; ring).
  rewrite lsum_minus. ring.
Qed.

Lemma last_cons_width (h : nat) (rest : list nat) (n : nat) : last (h :: rest) n = last rest h.
Proof.
  revert h n. induction rest as [|h' rest IH]; intros h n; [easy|].
  change (last (h :: h' :: rest) n) with (last (h' :: rest) n). rewrite IH. symmetry. apply IH.
Qed.

Theorem deep_relu_lipschitz n widths q : lipschitz (deep_relu n widths) q (forward_lip n widths q).
Proof.
  split; [apply forward_lip_nonneg|]. cbn [deep_relu act branch_in branch_out].
  revert n q. induction widths as [|h rest IH]; intros n q a b; [simpl; lra|].
  rewrite last_cons_width. cbn [forward forward_lip].
  eapply Rle_trans; [apply IH|].
  rewrite (Rmult_comm (frobenius h n (q O))), Rmult_assoc.
  apply Rmult_le_compat_l; [apply forward_lip_nonneg | apply layer_lipschitz].
Qed.

(** without biases q(0) = 0 *)
Fixpoint unbiased (n : nat) (widths : list nat) (M : nat -> matrix) : Prop :=
  match widths with
  | nil => True
  | h :: rest => (forall j, M O j n = 0) /\ unbiased h rest (fun d => M (S d))
  end.

Lemma forward_zero widths : forall n M, unbiased n widths M -> forward n widths M (fun _ => 0) = fun _ => 0.
Proof.
  induction widths as [|h rest IH]; intros n M; [easy|]. intros [H0 Hrest]. cbn [forward].
  replace (layer n (M O) (fun _ => 0)) with (fun _ : nat => 0); [now apply IH|].
  apply functional_extensionality; intros j. unfold layer. rewrite lsum_zero by (intros; ring).
  rewrite H0, relu_pos; lra.
Qed.
